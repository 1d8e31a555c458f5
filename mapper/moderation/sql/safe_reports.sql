-- Purpose: of some reports, those that may be accepted together: in a city, in no excluded area,
--   with no device and no other waiting report near (but the device that it made itself, unchecked).
-- Parameters: reports - ids (uuid[]); near_m - metres on the ellipsoid. Positions in SRID 4326.
-- Returns: ids, in no order.
-- Index: GiST of sightings_device.location and sightings_sighting.location. The boxes are 0.005
--   degrees wide: more than near_m = 50 up to 84 degrees of latitude.
SELECT report.id
FROM sightings_sighting AS report
LEFT JOIN sightings_claim AS own ON own.id = report.claim_id AND NOT own.is_verified
WHERE report.id = ANY(%(reports)s)
  AND EXISTS (
      SELECT FROM places_city AS city WHERE ST_Covers(city.boundary, report.location)
  )
  AND NOT EXISTS (
      SELECT FROM places_excludedarea AS excluded WHERE ST_Covers(excluded.area, report.location)
  )
  AND NOT EXISTS (
      SELECT FROM sightings_device AS device
      WHERE device.state = 'present'
        AND device.id IS DISTINCT FROM own.device_id
        AND device.location && ST_Expand(report.location, 0.005)
        AND ST_DWithin(device.location::geography, report.location::geography, %(near_m)s)
  )
  AND NOT EXISTS (
      SELECT FROM sightings_sighting AS other
      WHERE other.id <> report.id
        AND other.state IN ('received', 'question_asked')
        AND other.location && ST_Expand(report.location, 0.005)
        AND ST_DWithin(other.location::geography, report.location::geography, %(near_m)s)
  )
