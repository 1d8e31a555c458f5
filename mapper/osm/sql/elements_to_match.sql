-- Purpose: the devices that OSM shows now, for one transaction, on the ellipsoid: an index of that
--          kind on the table itself would be written with every load, and is wanted once a night.
-- Parameters: none. SRID: 4326. Index: none, the devices are read whole.
CREATE TEMP TABLE osm_to_match ON COMMIT DROP AS
SELECT device.id, device.location::geography AS place, device.kind, device.camera_type,
       device.mount, device.operator, device.directions
  FROM sightings_device AS device
 WHERE device.state = 'present'
   AND device.sources @> ARRAY['osm'::varchar]
   AND NOT device.is_private_home
   AND EXISTS (SELECT
                 FROM sightings_claim AS claim
                WHERE claim.device_id = device.id AND claim.source = 'osm'
                  AND claim.presence = 'there');
CREATE INDEX ON osm_to_match USING gist (place);
ANALYZE osm_to_match
