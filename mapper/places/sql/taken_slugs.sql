-- Purpose: which staged cities have a slug that another city holds already (two countries may use
--          one code for one name).
-- Parameters: none. Index: the unique slug.
SELECT staged.country, staged.code, staged.slug
  FROM places_staging AS staged
  JOIN places_city AS city ON city.slug = staged.slug
 WHERE (city.country, city.code) <> (staged.country, staged.code)
   AND NOT EXISTS (SELECT 1 FROM places_staging AS renamed
                    WHERE (renamed.country, renamed.code) = (city.country, city.code)
                      AND renamed.slug <> city.slug)
 ORDER BY staged.country, staged.code
