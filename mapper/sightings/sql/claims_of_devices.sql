-- Purpose: what the projection needs to know of the claims of many devices.
-- Parameters: ids - the devices. SRID: 4326, read as lon and lat. Index: claims by device.
SELECT device_id, id, source, is_verified, presence, ST_X(location), ST_Y(location),
       position_source, attributes, label_photo IS NOT NULL, seen_from, seen_to, is_private_home
  FROM sightings_claim
 WHERE device_id = ANY(%(ids)s::uuid[])
 ORDER BY device_id
