-- Purpose: what devices become whose only claim is an element's that has them there: what was worked
--          out for its set of tags, at its place, in its name. New ones, and those that changed.
-- Parameters: none. SRID: 4326. Index: claims by device.
INSERT INTO sightings_projected
       (id, location, position_source, kind, directions, camera_type, mount, surveillance, zone,
        operator, operator_type, manufacturer, model, tilt_down_deg, height_m, status,
        verification, verified_by_id, sources, first_seen, last_seen, provenance, is_private_home,
        capabilities)
SELECT incoming.device_id, claim_location, 'osm', said.kind, said.directions, said.camera_type,
       said.mount, said.surveillance, said.zone, said.operator, said.operator_type,
       said.manufacturer, said.model, said.tilt_down_deg, said.height_m, said.status,
       'osm_only', NULL, ARRAY['osm'], said.first_seen, said.last_seen,
       jsonb_object(said.provenance,
                    array_fill(claim_id::text, ARRAY[cardinality(said.provenance)])),
       false,
       jsonb_object(said.capabilities,
                    array_fill(claim_id::text, ARRAY[cardinality(said.capabilities)]))
  FROM osm_incoming AS incoming
  JOIN osm_said AS said USING (said)
 WHERE verdict = 'added'
    OR (verdict = 'changed' AND is_claim_new AND claim_presence = 'there'
        AND NOT EXISTS (
                SELECT
                  FROM sightings_claim AS claim
                 WHERE claim.device_id = incoming.device_id
                   AND (claim.id <> incoming.claim_id OR claim.is_private_home
                        OR claim.is_verified OR claim.position_source <> 'osm'))
        AND device_id IS NOT NULL)
