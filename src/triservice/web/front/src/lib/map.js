// A map on a page: MapLibre with its worker from our own address, so that the strict policy holds.
//   <div data-map data-worker="{{ static('maplibre-worker.js') }}"></div>
// A page script imports `newMap` from here; there is no basemap, so nothing is asked of any network.
import { Map, NavigationControl, ScaleControl, setWorkerUrl } from "maplibre-gl";

export function newMap(element, { sources = {}, layers = [], bounds, ...more }) {
  setWorkerUrl(element.dataset.worker);
  const map = new Map({
    container: element,
    style: {
      version: 8,
      sources,
      layers: [
        { id: "ground", type: "background", paint: { "background-color": "#f6f4ee" } },
        ...layers,
      ],
    },
    bounds,
    fitBoundsOptions: { padding: 20, animate: false },
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    ...more,
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new ScaleControl({ unit: "metric" }), "bottom-left");
  return map;
}
