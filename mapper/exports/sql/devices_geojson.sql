-- Purpose: the rows of devices.sql as GeoJSON features (RFC 7946), one text each, without a line
--          break in it. The frame is joined as text, a third faster than json_build_object: an id
--          and two numbers are JSON as they are, and none of them is ever NULL.
-- Parameters: part `rows` - devices.sql.
-- SRID: 4326, lon lat. Index: those of devices.sql.
SELECT '{"type":"Feature","id":"' || device.id
       || '","geometry":{"type":"Point","coordinates":[' || device.lon || ',' || device.lat
       || ']},"properties":' || row_to_json(properties) || '}' AS feature
  FROM ({rows}) AS device,
       LATERAL (SELECT device.id,
                       device.url,
                       device.kind,
                       device.camera_type,
                       device.mount,
                       device.directions,
                       device.height_m,
                       device.surveillance,
                       device.zone,
                       device.operator,
                       device.operator_type,
                       device.manufacturer,
                       device.model,
                       device.capabilities,
                       device.status,
                       device.verification,
                       device.sources,
                       device.first_seen,
                       device.last_seen,
                       device.city_country,
                       device.city_code,
                       device.city_name,
                       device.sightings,
                       device.photos,
                       device.documents,
                       device.osm_type,
                       device.osm_id,
                       device.osm_version,
                       device.osm_tags,
                       device.updated_on) AS properties
 ORDER BY device.id
