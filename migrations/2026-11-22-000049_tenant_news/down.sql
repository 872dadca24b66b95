DROP TRIGGER tell_tenant_of_update ON imports;
DROP TRIGGER tell_tenant_of_insert ON imports;
DROP FUNCTION stoa_tell_tenant();
DROP TRIGGER tell_tenants_of_delete ON memberships;
DROP TRIGGER tell_tenants_of_update ON memberships;
DROP TRIGGER tell_tenants_of_insert ON memberships;
DROP TRIGGER tell_tenants_of_update ON institutions;
DROP TRIGGER tell_tenants_of_insert ON institutions;
DROP FUNCTION stoa_tell_tenants();
