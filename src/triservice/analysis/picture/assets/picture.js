// The page reads and prints without this script; it adds pointing, keys, layers, zoom and sorting.
(function () {
  "use strict";
  var data = JSON.parse(document.getElementById("picture-data").textContent);
  var SVG = "http://www.w3.org/2000/svg";

  function each(list, act) { Array.prototype.forEach.call(list, act); }
  function make(tag, text) { var e = document.createElement(tag); if (text) e.textContent = text; return e; }

  // ---- the first map -------------------------------------------------------------------------
  var stage = document.getElementById("stage");
  if (stage) {
    var svg = stage.querySelector("svg"), view = svg.querySelector(".view");
    var uses = svg.querySelectorAll(".areas use");
    var detail = document.getElementById("detail"), find = document.getElementById("find");
    var ring = document.createElementNS(SVG, "use");
    ring.setAttribute("class", "ring");
    svg.querySelector(".view > g").appendChild(ring);
    var chosen = -1, box = [0, 0, data.size[0], data.size[1]];

    each(document.querySelectorAll(".switch, .finder, .zoom"), function (e) { e.hidden = false; });
    stage.tabIndex = 0;
    stage.setAttribute("role", "application");
    stage.setAttribute("aria-roledescription", "map");
    stage.setAttribute("aria-label", "Map of areas");
    stage.setAttribute("aria-describedby", "map-help");

    var onScreen = function (i) {
      return [(data.at[i][0] - box[0]) / box[2], (data.at[i][1] - box[1]) / box[3]];
    };
    var show = function (i, from) {
      if (i < 0 || i >= uses.length || (i === chosen && !detail.hidden)) return;
      chosen = i;
      ring.setAttribute("href", "#s" + i);
      var area = data.areas[i], list = make("dl");
      detail.textContent = "";
      var head = make("p", area.name);
      head.className = "detail-name";
      detail.appendChild(head);
      var worst = make("div");
      worst.appendChild(make("dt", "In the worst share of"));
      worst.appendChild(make("dd", area.worst));
      list.appendChild(worst);
      area.lines.forEach(function (line) {
        var row = make("div");
        row.appendChild(make("dt", line[0]));
        row.appendChild(make("dd", line[1]));
        list.appendChild(row);
      });
      detail.appendChild(list);
      detail.hidden = false;
      // Out of the way of the area: in the other half of the map.
      var at = onScreen(i);
      detail.classList.toggle("right", at[0] < 0.5);
      detail.classList.toggle("low", at[1] < 0.5);
      if (from !== "find") find.value = String(i);
    };

    each(uses, function (use, i) {
      use.addEventListener("pointerenter", function () { show(i, "point"); });
      use.addEventListener("click", function () { show(i, "point"); });
    });
    find.addEventListener("change", function () {
      if (find.value === "") return;
      show(Number(find.value), "find");
      keepInView();
    });
    stage.addEventListener("pointerleave", function (event) {
      if (event.pointerType === "mouse" && document.activeElement !== stage) detail.hidden = true;
    });

    // An arrow goes to the nearest area that lies within 45 degrees of its direction.
    var nextArea = function (dx, dy) {
      if (chosen < 0) return 0;
      var from = data.at[chosen], best = -1, least = Infinity;
      data.at.forEach(function (to, i) {
        if (i === chosen) return;
        var x = to[0] - from[0], y = to[1] - from[1];
        var along = x * dx + y * dy, aside = Math.abs(x * dy) + Math.abs(y * dx);
        if (along <= 0 || aside > along) return;
        var far = along + 1.5 * aside;
        if (far < least) { least = far; best = i; }
      });
      return best;
    };
    var ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    stage.addEventListener("keydown", function (event) {
      var way = ARROWS[event.key];
      if (way && !event.ctrlKey && !event.altKey && !event.metaKey) {
        show(nextArea(way[0], way[1]), "key");
        keepInView();
      } else if (event.key === "+" || event.key === "=") zoom(0.6);
      else if (event.key === "-" || event.key === "_") zoom(1 / 0.6);
      else if (event.key === "0" || event.key === "Escape") zoom(0);
      else return;
      event.preventDefault();
    });

    // ---- zoom: the view moves, the scale bar is hidden because it would no longer be true ----
    var place = function () {
      var k = data.size[0] / box[2];
      view.setAttribute("transform", "scale(" + k + ") translate(" + -box[0] + "," + -box[1] + ")");
      stage.classList.toggle("zoomed", k > 1.01);
      svg.style.setProperty("--k", k);
    };
    var zoom = function (by) {
      var wide = by ? Math.min(Math.max(box[2] * by, data.size[0] / 12), data.size[0]) : data.size[0];
      var high = wide * data.size[1] / data.size[0];
      var middle = by && chosen >= 0 ? data.at[chosen] : [box[0] + box[2] / 2, box[1] + box[3] / 2];
      box = [middle[0] - wide / 2, middle[1] - high / 2, wide, high];
      inside();
    };
    var inside = function () {
      box[0] = Math.min(Math.max(box[0], 0), data.size[0] - box[2]);
      box[1] = Math.min(Math.max(box[1], 0), data.size[1] - box[3]);
      place();
    };
    var keepInView = function () {
      if (chosen < 0 || box[2] >= data.size[0]) return;
      var at = data.at[chosen];
      box[0] = at[0] - box[2] / 2;
      box[1] = at[1] - box[3] / 2;
      inside();
    };
    each(stage.querySelectorAll("[data-zoom]"), function (button) {
      var by = { in: 0.6, out: 1 / 0.6, all: 0 }[button.dataset.zoom];
      button.addEventListener("click", function () { zoom(by); });
    });
    var held = null;
    svg.addEventListener("pointerdown", function (e) {
      if (box[2] < data.size[0]) { held = [e.clientX, e.clientY, box[0], box[1]]; }
    });
    window.addEventListener("pointermove", function (e) {
      if (!held) return;
      var unit = box[2] / svg.clientWidth;
      box[0] = held[2] - (e.clientX - held[0]) * unit;
      box[1] = held[3] - (e.clientY - held[1]) * unit;
      inside();
    });
    window.addEventListener("pointerup", function () { held = null; });

    // ---- layers ------------------------------------------------------------------------------
    each(document.querySelectorAll("input[name=layer]"), function (input) {
      input.addEventListener("change", function () {
        var classes = data.layers[input.value];
        each(uses, function (use, i) {
          use.setAttribute("class", classes[i] < 0 ? "f-none" : "f-" + input.value + "-" + classes[i]);
        });
        each(document.querySelectorAll("[data-legend]"), function (e) {
          e.hidden = e.dataset.legend !== input.value;
        });
        stage.classList.toggle("single", input.value !== "shared");
      });
    });
  }

  // ---- tables that sort ----------------------------------------------------------------------
  each(document.querySelectorAll("table.sortable"), function (table) {
    var heads = table.querySelectorAll("thead th"), body = table.tBodies[0];
    each(heads, function (head, column) {
      var button = make("button", head.firstChild.textContent.trim());
      button.type = "button";
      head.replaceChild(button, head.firstChild);
      button.addEventListener("click", function () {
        var down = head.getAttribute("aria-sort") === "descending" ? 1 : -1;
        each(heads, function (h) { h.removeAttribute("aria-sort"); });
        head.setAttribute("aria-sort", down < 0 ? "descending" : "ascending");
        var key = function (row) {
          var cell = row.cells[column], raw = cell.dataset.sort;
          return raw === undefined ? cell.textContent : raw === "" ? null : Number(raw);
        };
        Array.prototype.slice.call(body.rows).sort(function (a, b) {
          var x = key(a), y = key(b);
          if (x === null || y === null) return (x === null) - (y === null);
          return (x < y ? -1 : x > y ? 1 : 0) * down;
        }).forEach(function (row) { body.appendChild(row); });
      });
    });
  });

  // A link to a row inside a closed part opens it first; printing opens everything.
  function reveal() {
    var target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (var e = target; e; e = e.parentElement) if (e.tagName === "DETAILS") e.open = true;
    if (target) target.scrollIntoView();
  }
  window.addEventListener("hashchange", reveal);
  if (location.hash) reveal();
  window.addEventListener("beforeprint", function () {
    each(document.querySelectorAll("details"), function (e) { e.open = true; });
  });
})();
