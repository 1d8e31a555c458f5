-- Purpose: one row of the downloads and the API for each chosen device, as docs/data.md names it.
-- Parameters: site_url - the address that the site is reached at;
--             part `devices` - a query of the ids of public devices.
-- SRID: 4326 in and out, lon lat in degrees, 7 decimals.
-- Index: device and claim (primary key, claim by device), sighting, element and citation by claim.
WITH chosen AS MATERIALIZED ({devices}),
evidence AS (
    SELECT claim.id, claim.device_id
      FROM sightings_claim AS claim
      JOIN chosen ON chosen.id = claim.device_id
),
walked AS (
    SELECT evidence.device_id,
           count(DISTINCT sighting.id) AS sightings,
           count(photo.id) AS photos
      FROM evidence
      JOIN sightings_sighting AS sighting
        ON sighting.claim_id = evidence.id AND sighting.state = 'accepted'
      LEFT JOIN photos_photo AS photo
        ON photo.sighting_id = sighting.id AND photo.state = 'published'
     GROUP BY evidence.device_id
),
cited AS (
    SELECT evidence.device_id, count(DISTINCT document.id) AS documents
      FROM evidence
      JOIN documents_citation AS citation ON citation.claim_id = evidence.id
      JOIN documents_document AS document
        ON document.id = citation.document_id AND document.is_public
     GROUP BY evidence.device_id
),
-- A device made of several elements shows the one that still stands, then the smallest id.
mirrored AS (
    SELECT DISTINCT ON (evidence.device_id)
           evidence.device_id, element.osm_type, element.osm_id, element.version, element.tags
      FROM evidence
      JOIN osm_element AS element ON element.claim_id = evidence.id
     ORDER BY evidence.device_id, element.is_visible DESC, element.osm_type, element.osm_id
),
capable AS (
    SELECT capability.device_id, array_agg(capability.name::text ORDER BY capability.name) AS names
      FROM sightings_devicecapability AS capability
      JOIN chosen ON chosen.id = capability.device_id
     GROUP BY capability.device_id
)
SELECT device.id,
       %(site_url)s || '/devices/' || device.id || '/' AS url,
       trim_scale(round(ST_X(device.location)::numeric, 7)) AS lon,
       trim_scale(round(ST_Y(device.location)::numeric, 7)) AS lat,
       device.kind::text,
       nullif(device.camera_type, '') AS camera_type,
       nullif(device.mount, '') AS mount,
       ARRAY(SELECT CASE WHEN arc ->> 'from' = arc ->> 'to'
                         THEN trim_scale((arc ->> 'from')::numeric)::text
                         ELSE trim_scale((arc ->> 'from')::numeric) || '-'
                              || trim_scale((arc ->> 'to')::numeric) END
               FROM jsonb_array_elements(device.directions) WITH ORDINALITY AS listed (arc, place)
              ORDER BY place) AS directions,
       device.height_m,
       nullif(device.surveillance, '') AS surveillance,
       nullif(device.zone, '') AS zone,
       CASE WHEN NOT device.is_private_home THEN nullif(device.operator, '') END AS operator,
       nullif(device.operator_type, '') AS operator_type,
       nullif(device.manufacturer, '') AS manufacturer,
       nullif(device.model, '') AS model,
       coalesce(capable.names, ARRAY[]::text[]) AS capabilities,
       device.status::text,
       device.verification::text,
       device.sources::text[] AS sources,
       nullif(device.first_seen, '') AS first_seen,
       nullif(device.last_seen, '') AS last_seen,
       city.country::text AS city_country,
       city.code::text AS city_code,
       city.name::text AS city_name,
       coalesce(walked.sightings, 0) AS sightings,
       CASE WHEN device.is_private_home THEN 0 ELSE coalesce(walked.photos, 0) END AS photos,
       coalesce(cited.documents, 0) AS documents,
       mirrored.osm_type::text,
       mirrored.osm_id,
       mirrored.version AS osm_version,
       mirrored.tags AS osm_tags,
       device.updated_on
  FROM sightings_device AS device
  JOIN chosen ON chosen.id = device.id
  LEFT JOIN places_city AS city ON city.id = device.city_id
  LEFT JOIN walked ON walked.device_id = device.id
  LEFT JOIN cited ON cited.device_id = device.id
  -- A private home's element leads to its exact point, and often to a name.
  LEFT JOIN mirrored ON mirrored.device_id = device.id AND NOT device.is_private_home
  LEFT JOIN capable ON capable.device_id = device.id
 ORDER BY device.id
