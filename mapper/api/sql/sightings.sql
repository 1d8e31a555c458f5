-- Purpose: accepted sightings as GeoJSON features, each where its device stands; nothing private.
-- Parameters: site_url - the address that the site is reached at;
--             part `sightings` - a query of the ids of accepted sightings of public devices.
-- SRID: 4326, lon lat, 7 decimals. Index: sighting, claim and device (primary key), photo by
--             sighting.
SELECT json_build_object(
           'type', 'Feature',
           'id', sighting.id,
           'geometry', json_build_object(
               'type', 'Point',
               'coordinates', json_build_array(
                   trim_scale(round(ST_X(device.location)::numeric, 7)),
                   trim_scale(round(ST_Y(device.location)::numeric, 7)))),
           'properties', json_build_object(
               'id', sighting.id,
               'device', device.id,
               'device_url', %(site_url)s || '/devices/' || device.id || '/',
               'seen', nullif(claim.seen_to, ''),
               'presence', claim.presence,
               'kind', coalesce(claim.attributes ->> 'kind', 'unknown'),
               'photos', coalesce(
                   (SELECT json_agg(%(site_url)s || '/photos/' || photo.public_name
                                    ORDER BY photo.public_name)
                      FROM photos_photo AS photo
                     WHERE photo.sighting_id = sighting.id
                       AND photo.state = 'published' AND photo.flag <> 'hidden'
                       AND NOT device.is_private_home), '[]'))
       )::text AS feature
  FROM ({sightings}) AS chosen
  JOIN sightings_sighting AS sighting ON sighting.id = chosen.id
  JOIN sightings_claim AS claim ON claim.id = sighting.claim_id
  JOIN sightings_device AS device ON device.id = claim.device_id
 ORDER BY sighting.id
