-- Purpose: say of each staged object what it means for us, and what its element and claim become.
--          Verdicts: added, changed, removed, unchanged; older (we hold a newer version),
--          placeless (a new device without a position), stranger (no device, and not known).
-- Parameters: month - partial date of a removal that has no timestamp, YYYY-MM. Part: newest - the
--          objects, each once, with what their tags say.
-- SRID: 4326. Index: element_once, primary key of claims.
-- Tags and attributes of what is added stay in osm_said: NULL here.
CREATE TEMP TABLE osm_incoming ON COMMIT DROP AS
WITH newest AS (
    SELECT *, is_visible AND is_device AS is_there
      FROM ({newest}) AS staged
), known AS (
    SELECT newest.osm_type, newest.osm_id, newest.version, newest.location, newest.is_visible,
           newest.changeset, newest.said, newest.is_there,
           element.id AS element_id,
           element.claim_id,
           element.version AS known_version,
           element.rules AS known_rules,
           claim.device_id,
           claim.presence AS known_presence,
           -- A deleted object is remembered as it was; a lost stamp or place is kept.
           coalesce(newest.stamp, element.timestamp) AS element_stamp,
           CASE WHEN element.id IS NULL THEN NULL
                WHEN newest.is_visible THEN newest.tags ELSE element.tags END AS element_tags,
           coalesce(newest.location, element.location) AS element_location,
           CASE WHEN newest.is_visible AND newest.version > 0 AND newest.stamp IS NOT NULL
                THEN newest.rules ELSE 0 END AS element_rules,
           CASE WHEN is_there THEN 'there' ELSE 'gone' END AS claim_presence,
           CASE WHEN is_there THEN coalesce(newest.location, claim.location)
                ELSE claim.location END AS claim_location,
           CASE WHEN element.id IS NULL THEN NULL
                WHEN is_there THEN newest.attributes ELSE claim.attributes END
               AS claim_attributes,
           CASE WHEN is_there THEN newest.seen_from ELSE claim.seen_from END AS claim_seen_from,
           CASE WHEN is_there THEN newest.seen_to
                WHEN claim.presence = 'gone' THEN claim.seen_to
                ELSE coalesce(to_char(newest.stamp AT TIME ZONE 'UTC', 'YYYY-MM'), %(month)s)
           END AS claim_seen_to,
           (element.version, element.timestamp, element.tags, element.location,
            element.is_visible) AS element_before,
           (claim.presence, claim.location, claim.attributes, claim.seen_from, claim.seen_to)
               AS claim_before
      FROM newest
      LEFT JOIN osm_element AS element
             ON element.osm_type = newest.osm_type AND element.osm_id = newest.osm_id
      LEFT JOIN sightings_claim AS claim ON claim.id = element.claim_id
), compared AS (
    SELECT known.*,
           element_id IS NULL
               OR element_before IS DISTINCT FROM
                  (version, element_stamp, element_tags, element_location, is_visible)
               AS is_element_new,
           element_id IS NULL
               OR claim_before IS DISTINCT FROM
                  (claim_presence::varchar, claim_location, claim_attributes,
                   claim_seen_from::varchar, claim_seen_to::varchar)
               AS is_claim_new
      FROM known
), judged AS (
    SELECT compared.*,
           CASE WHEN element_id IS NULL AND NOT is_there THEN 'stranger'
                WHEN element_id IS NULL AND location IS NULL THEN 'placeless'
                WHEN element_id IS NULL THEN 'added'
                WHEN version < known_version THEN 'older'
                WHEN known_presence = 'there' AND NOT is_there THEN 'removed'
                WHEN is_element_new OR is_claim_new THEN 'changed'
                ELSE 'unchanged' END AS verdict
      FROM compared
)
SELECT osm_type, osm_id, version, is_visible, changeset, said, element_id, element_stamp,
       element_tags,
       element_location, claim_presence, claim_location, claim_attributes, claim_seen_from,
       claim_seen_to, is_element_new, is_claim_new, verdict,
       -- What is rounded says nothing against what was whole, where both agree.
       CASE WHEN verdict = 'unchanged' AND element_rules = 0 THEN known_rules
            ELSE element_rules END AS element_rules,
       known_rules,
       -- Random, but for a beginning that both share: in the order of one, all indexes of the
       -- other grow at one end, and a million rows take a third of the time.
       coalesce(claim_id, overlay(gen_random_uuid()::text PLACING left(new_id::text, 8) FROM 1)::uuid)
           AS claim_id,
       CASE WHEN element_id IS NULL THEN new_id ELSE device_id END AS device_id
  FROM (SELECT *, CASE WHEN element_id IS NULL THEN gen_random_uuid() END AS new_id
          FROM judged) AS named
 ORDER BY new_id
