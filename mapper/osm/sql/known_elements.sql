-- Purpose: all that we mirror, as two texts of lines: "n1 v2" the nodes of which the same version
--          says nothing new, "n1" all others
--          and the flags.
-- Parameters: rules - the number of the rules that tags are read by now. Index: none, the mirror is
--          read whole, once; texts, because a million rows take longer to send than to find.
SELECT string_agg('n' || osm_id || ' v' || version, E'\n') FILTER (WHERE is_whole),
       string_agg(left(osm_type, 1) || osm_id, E'\n') FILTER (WHERE NOT is_whole)
  FROM (SELECT osm_type, osm_id, version,
               osm_type = 'node' AND is_visible AND version > 0 AND rules = %(rules)s AS is_whole
          FROM osm_element
        UNION ALL
        SELECT osm_type, osm_id, version, false
          FROM osm_osmflag) AS element
