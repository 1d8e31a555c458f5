-- Purpose: the rows of devices.sql as cells of a CSV file: lists joined by ";", and an apostrophe
--          before text that a spreadsheet would run as a formula (not numbers, not osm_tags).
-- Parameters: license - short name of the licence; formula - how such a text begins, a regular
--             expression; part `rows` - devices.sql.
-- SRID: 4326, lon lat. Index: those of devices.sql.
SELECT device.id,
       device.url,
       device.lon,
       device.lat,
       device.kind,
       regexp_replace(device.camera_type, %(formula)s, '''\1') AS camera_type,
       regexp_replace(device.mount, %(formula)s, '''\1') AS mount,
       nullif(array_to_string(device.directions, ';'), '') AS directions,
       device.height_m,
       regexp_replace(device.surveillance, %(formula)s, '''\1') AS surveillance,
       regexp_replace(device.zone, %(formula)s, '''\1') AS zone,
       regexp_replace(device.operator, %(formula)s, '''\1') AS operator,
       regexp_replace(device.operator_type, %(formula)s, '''\1') AS operator_type,
       regexp_replace(device.manufacturer, %(formula)s, '''\1') AS manufacturer,
       regexp_replace(device.model, %(formula)s, '''\1') AS model,
       nullif(array_to_string(device.capabilities, ';'), '') AS capabilities,
       device.status,
       device.verification,
       nullif(array_to_string(device.sources, ';'), '') AS sources,
       device.first_seen,
       device.last_seen,
       device.city_country,
       regexp_replace(device.city_code, %(formula)s, '''\1') AS city_code,
       regexp_replace(device.city_name, %(formula)s, '''\1') AS city_name,
       device.sightings,
       device.photos,
       device.documents,
       device.osm_type,
       device.osm_id,
       device.osm_version,
       device.osm_tags,
       device.updated_on,
       %(license)s AS license
  FROM ({rows}) AS device
 ORDER BY device.id
