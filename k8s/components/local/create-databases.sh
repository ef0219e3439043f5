#!/bin/bash
# Runs once, when PostgreSQL's data folder is new: a role and a database per service, each closed to the others.
# The password of service `visit-ledger` is in VISIT_LEDGER_DATABASE_PASSWORD, and so on.
set -euo pipefail

for service in identity credit adjudication visit-ledger payment notification gateway; do
  password_variable="$(tr 'a-z-' 'A-Z_' <<< "$service")_DATABASE_PASSWORD"
  psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set service="$service" --set password="${!password_variable}" <<'SQL'
CREATE ROLE :"service" LOGIN PASSWORD :'password';
CREATE DATABASE :"service" OWNER :"service";
REVOKE CONNECT ON DATABASE :"service" FROM PUBLIC;
SQL
done
