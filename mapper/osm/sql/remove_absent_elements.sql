-- Purpose: an element that a complete source lacks is not visible any more.
-- Parameters: none. Index: primary key of elements.
UPDATE osm_element AS element
   SET is_visible = false
  FROM osm_absent AS absent
 WHERE element.id = absent.element_id AND absent.is_absent
