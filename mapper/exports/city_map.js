// The stand-alone map of a city: points that gather when zoomed out, and what is known of each.
// Text is put in as text, never as HTML: operators and names come from strangers.
function draw_city(map, said) {
  "use strict";
  const GROUP_PX = 56;
  const ALONE_FROM_ZOOM = 17;
  const CONE_PX = 26;
  const layer = L.layerGroup().addTo(map);

  map.getContainer().setAttribute("role", "region");
  map.getContainer().setAttribute("aria-label", said.title);
  L.control.zoom({ zoomInTitle: said.zoom_in, zoomOutTitle: said.zoom_out }).addTo(map);
  map.attributionControl.setPrefix(false);
  map.attributionControl.addAttribution(said.attribution);
  if (said.picture) L.imageOverlay(said.picture.address, said.picture.bounds).addTo(map);
  L.geoJSON(said.boundary, {
    interactive: false, style: { color: "#1d1c1a", weight: 2, fill: false, dashArray: "4 4" },
  }).addTo(map);
  map.fitBounds(said.bounds);

  function popup(device) {
    const content = document.createElement("div");
    for (const line of device.lines) {
      content.appendChild(document.createElement("p")).textContent = line;
    }
    const link = content.appendChild(document.createElement("p")).appendChild(document.createElement("a"));
    link.href = said.site + "/devices/" + device.id + "/";
    link.rel = "noreferrer";
    link.textContent = said.more;
    return content;
  }

  function draw_cone(device, arc) {
    const at = map.latLngToLayerPoint([device.lat, device.lon]);
    const width = (arc[1] - arc[0] + 360) % 360 || (arc[0] === arc[1] ? 40 : 360);
    const start = arc[0] === arc[1] ? arc[0] - width / 2 : arc[0];
    const corners = [at];
    for (let step = 0; step <= 12; step += 1) {
      const angle = ((start + (width * step) / 12) * Math.PI) / 180;
      corners.push(L.point(at.x + CONE_PX * Math.sin(angle), at.y - CONE_PX * Math.cos(angle)));
    }
    const ring = corners.map((point) => map.layerPointToLatLng(point));
    L.polygon(ring, { interactive: false, stroke: false, fillColor: "#b3261e", fillOpacity: 0.25 }).addTo(layer);
  }

  function draw_device(device) {
    for (const arc of device.arcs) draw_cone(device, arc);
    const is_sure = device.verification === "verified";
    L.circleMarker([device.lat, device.lon], {
      radius: 7, weight: 2, color: "#b3261e", fillColor: is_sure ? "#b3261e" : "#fff", fillOpacity: 1,
      dashArray: device.status === "active" ? null : "2 3",
    }).bindPopup(() => popup(device)).addTo(layer);
  }

  function draw_group(devices) {
    const lat = devices.reduce((sum, device) => sum + device.lat, 0) / devices.length;
    const lon = devices.reduce((sum, device) => sum + device.lon, 0) / devices.length;
    const size = 26 + 6 * Math.floor(Math.log10(devices.length));
    const icon = L.divIcon({ className: "map-group", html: String(devices.length), iconSize: [size, size] });
    const bounds = L.latLngBounds(devices.map((device) => [device.lat, device.lon]));
    const title = said.group.replace("{count}", String(devices.length));
    L.marker([lat, lon], { icon, title })
      .on("click", () => map.fitBounds(bounds, { maxZoom: ALONE_FROM_ZOOM, padding: [40, 40] }))
      .addTo(layer);
  }

  function draw() {
    layer.clearLayers();
    const seen = map.getBounds().pad(0.2);
    const groups = new Map();
    for (const device of said.devices) {
      if (!seen.contains([device.lat, device.lon])) continue;
      const point = map.project([device.lat, device.lon]).divideBy(GROUP_PX).floor();
      const key = map.getZoom() >= ALONE_FROM_ZOOM ? device.id : point.x + "/" + point.y;
      if (!groups.has(key)) groups.set(key, []);
      groups.get(key).push(device);
    }
    for (const devices of groups.values()) {
      if (devices.length === 1) draw_device(devices[0]);
      else draw_group(devices);
    }
  }

  map.on("moveend zoomend", draw);
  draw();
}
