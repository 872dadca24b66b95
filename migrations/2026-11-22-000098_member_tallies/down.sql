DROP TRIGGER tally_delete ON memberships;
DROP TRIGGER tally_update ON memberships;
DROP TRIGGER tally_insert ON memberships;
DROP FUNCTION stoa_tally_members;
DROP TABLE member_tallies;
DROP FUNCTION stoa_fold_tallies;
