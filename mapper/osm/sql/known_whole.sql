-- Purpose: the nodes of which the same version says nothing new, as one text of lines "n1 v2".
-- Parameters: rules - the number of the rules that tags are read by now. Index: none, the mirror is
--          read whole; one text, because a million rows take longer to send than to find.
SELECT string_agg('n' || osm_id || ' v' || version, E'\n')
  FROM osm_element
 WHERE osm_type = 'node' AND is_visible AND version > 0 AND rules = %(rules)s
