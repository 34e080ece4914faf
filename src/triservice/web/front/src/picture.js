// The map of a picture: one source at a time, in the colours of the legend, beside the table.
import { newMap } from "./lib/map.js";

const part = document.querySelector("[data-picture]");
const failed = document.querySelector("[data-map-failed]");

function edges(collection) {
  let [west, south, east, north] = [180, 90, -180, -90];
  const walk = (numbers) => {
    if (typeof numbers[0] !== "number") return numbers.forEach(walk);
    west = Math.min(west, numbers[0]);
    east = Math.max(east, numbers[0]);
    south = Math.min(south, numbers[1]);
    north = Math.max(north, numbers[1]);
  };
  for (const feature of collection.features) walk(feature.geometry.coordinates);
  return [west, south, east, north];
}

// The class of a place (see files.py): −1 withheld, 0 hidden or none, 1 … in the order of the legend.
function fill(key, colours) {
  const steps = colours.flatMap((colour, index) => [index, colour]);
  return ["match", ["get", `class_${key}`], ...steps, "#d5d9da"];
}

function layersOf(key, colours) {
  const place = ["==", ["get", "kind"], "place"];
  const zone = ["all", ["==", ["get", "kind"], "zone"], ["==", ["get", "layer"], Number(key)]];
  return {
    places: {
      filter: place,
      type: "fill",
      paint: { "fill-color": fill(key, colours), "fill-outline-color": "#b1b4b6" },
    },
    hot: {
      filter: ["all", place, ["==", ["get", `hot_${key}`], true]],
      type: "line",
      paint: { "line-color": "#0b0c0c", "line-width": 2.5 },
    },
    zones: {
      filter: zone,
      type: "line",
      paint: { "line-color": "#c4122f", "line-width": 2, "line-dasharray": [2, 1] },
    },
    chosen: {
      filter: ["==", ["id"], -1],
      type: "line",
      paint: { "line-color": "#0b0c0c", "line-width": 5, "line-gap-width": 1 },
    },
  };
}

async function start() {
  const element = part.querySelector("[data-map]");
  const legends = [...part.querySelectorAll("[data-legend]")];
  const answer = await fetch(element.dataset.features);
  if (!answer.ok) throw new Error(String(answer.status));
  const collection = await answer.json();
  const coloursOf = (legend) => legend.dataset.colours.split(" ");
  const first = legends[0].dataset.legend;
  part.hidden = false;
  failed.hidden = true;
  const layers = Object.entries(layersOf(first, coloursOf(legends[0])));
  const map = newMap(element, {
    sources: { picture: { type: "geojson", data: collection } },
    layers: layers.map(([id, layer]) => ({ id, source: "picture", ...layer })),
    bounds: edges(collection),
    cooperativeGestures: true, // a page that is scrolled is not a map that is zoomed
  });
  const said = part.querySelector("[data-said]");
  let shown = first;

  const tell = (feature) => {
    const { kind, name, said: words } = feature.properties;
    const all = legends.map((legend) => {
      const key = legend.dataset.legend;
      const hot = feature.properties[`hot_${key}`] ? ", hotspot" : "";
      return `${legend.dataset.label} ${feature.properties[`said_${key}`]}${hot}`;
    });
    said.textContent = kind === "zone" ? words : `${name}: ${all.join("; ")}.`;
    if (kind === "place") map.setFilter("chosen", ["==", ["id"], feature.id]);
  };

  map.on("click", (event) => {
    const found = map.queryRenderedFeatures(event.point, { layers: ["places"] });
    if (found.length) tell(found[0]);
  });
  map.on("click", "zones", (event) => tell(event.features[0]));

  for (const radio of part.querySelectorAll("input[name=show]")) {
    radio.addEventListener("change", () => {
      shown = radio.value;
      for (const legend of legends) {
        legend.hidden = legend.dataset.legend !== shown;
        if (legend.hidden) continue;
        const wanted = layersOf(shown, coloursOf(legend));
        map.setPaintProperty("places", "fill-color", wanted.places.paint["fill-color"]);
        map.setFilter("hot", wanted.hot.filter);
        map.setFilter("zones", wanted.zones.filter);
      }
    });
  }

  // Each place in the table leads to itself on the map.
  for (const name of document.querySelectorAll("[data-place]")) {
    const feature = collection.features.find((each) => each.id === Number(name.dataset.place));
    if (!feature) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "app-link-button";
    button.textContent = name.textContent;
    button.addEventListener("click", () => {
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      const center = name.dataset.at.split(",").map(Number);
      map.easeTo({ center, zoom: Math.max(map.getZoom(), 11), animate: !still });
      tell(feature);
    });
    name.replaceChildren(button);
  }
  element.dataset.ready = "yes";
}

if (part) {
  start().catch(() => {
    part.hidden = true;
    failed.hidden = false;
    failed.textContent = "The map could not be drawn here. The table says the same.";
  });
}
