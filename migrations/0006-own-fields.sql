-- A county's own fields are a rule like its others (county_rule, what = 'fields'): one table for one idea.
DROP TABLE county_field;
