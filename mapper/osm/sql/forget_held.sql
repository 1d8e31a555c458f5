-- Purpose: what was held of an object goes when a newer version of it comes, which is judged anew;
--          with it goes whatever was taken out of the tags upstream.
-- Parameters: none. SRID: none. Index: held_change_once.
DELETE FROM osm_heldchange AS held
 USING osm_incoming AS incoming
 WHERE held.osm_type = incoming.osm_type
   AND held.osm_id = incoming.osm_id
   AND incoming.version > held.version
