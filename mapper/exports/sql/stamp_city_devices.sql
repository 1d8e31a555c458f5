-- Purpose: a text that changes whenever a row of one city's device download may have changed.
-- Parameters: city - id of the city. SRID: none. Index: device by city, claim by device, and
--             element, sighting and citation by claim.
WITH device AS (
    SELECT id, version
      FROM sightings_device
     WHERE city_id = %(city)s AND state = 'present' AND verification <> 'unverified'
       AND NOT (verification = 'declared' AND 'walker' = ANY (sources))
),
claim AS (
    SELECT claim.id FROM sightings_claim AS claim JOIN device ON device.id = claim.device_id
)
SELECT concat_ws('.',
    (SELECT count(*) || '.' || coalesce(sum(uuid_hash_extended(id, version)), 0) FROM device),
    (SELECT coalesce(sum(jsonb_hash_extended(tags, version::bigint + osm_id
                                                   + CASE WHEN is_visible THEN 0 ELSE 1 END)), 0)
       FROM osm_element AS element JOIN claim ON claim.id = element.claim_id),
    (SELECT coalesce(sum(uuid_hash_extended(photo.id, 1)), 0)
       FROM photos_photo AS photo
       JOIN sightings_sighting AS sighting ON sighting.id = photo.sighting_id
       JOIN claim ON claim.id = sighting.claim_id
      WHERE photo.state = 'published'),
    (SELECT coalesce(sum(uuid_hash_extended(citation.claim_id, 1)), 0)
       FROM documents_citation AS citation
       JOIN claim ON claim.id = citation.claim_id
       JOIN documents_document AS document
         ON document.id = citation.document_id AND document.is_public),
    (SELECT hashtextextended(country || ' ' || code || ' ' || name, id)
       FROM places_city
      WHERE id = %(city)s))
