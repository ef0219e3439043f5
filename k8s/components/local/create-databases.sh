#!/bin/bash
# Runs once, when PostgreSQL's data folder is new: for each service a database that is closed to the
# others, a role that owns what is in it and migrates it, and one that owns nothing, for the service.
# In the third the service reads for others: row-level security shows it their rows alone.
# The passwords of service `visit-ledger` are in VISIT_LEDGER_DATABASE_PASSWORD and
# VISIT_LEDGER_DATABASE_OWNER_PASSWORD, and so on.
set -euo pipefail

for service in identity credit adjudication visit-ledger payment notification gateway; do
  name="$(tr 'a-z-' 'A-Z_' <<< "$service")"
  password="${name}_DATABASE_PASSWORD"
  owner_password="${name}_DATABASE_OWNER_PASSWORD"
  psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set service="$service" --set password="${!password}" \
    --set within="${service}_within" --set owner="$service-owner" --set owner_password="${!owner_password}" <<'SQL'
CREATE ROLE :"owner" LOGIN PASSWORD :'owner_password';
CREATE ROLE :"service" LOGIN PASSWORD :'password';
CREATE ROLE :"within" NOLOGIN;
GRANT :"within" TO :"service";
CREATE DATABASE :"service" OWNER :"owner";
REVOKE CONNECT ON DATABASE :"service" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"service" TO :"service";
SQL
done

# The role of the log of visits where it is in PostgreSQL; its owner could not make it.
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
CREATE ROLE caretab_ledger_app NOLOGIN;
GRANT caretab_ledger_app TO "visit-ledger";
SQL
