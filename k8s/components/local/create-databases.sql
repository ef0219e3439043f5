-- For psql, as a superuser of a server that has none of these roles and databases yet:
--   npm run --silent caretab -- grants postgres | psql --no-psqlrc
-- Passwords come from the environment, as `node deploy/secrets.mjs compose` prints them.
-- A role that ends with -owner owns and migrates the tables of a service. The service's own role reads
-- and writes their rows. As the role that ends with _within it reads for others, who see theirs alone.
\set ON_ERROR_STOP on
\getenv IDENTITY_DATABASE_OWNER_PASSWORD IDENTITY_DATABASE_OWNER_PASSWORD
\getenv IDENTITY_DATABASE_PASSWORD IDENTITY_DATABASE_PASSWORD
\getenv CREDIT_DATABASE_OWNER_PASSWORD CREDIT_DATABASE_OWNER_PASSWORD
\getenv CREDIT_DATABASE_PASSWORD CREDIT_DATABASE_PASSWORD
\getenv ADJUDICATION_DATABASE_OWNER_PASSWORD ADJUDICATION_DATABASE_OWNER_PASSWORD
\getenv ADJUDICATION_DATABASE_PASSWORD ADJUDICATION_DATABASE_PASSWORD
\getenv VISIT_LEDGER_DATABASE_OWNER_PASSWORD VISIT_LEDGER_DATABASE_OWNER_PASSWORD
\getenv VISIT_LEDGER_DATABASE_PASSWORD VISIT_LEDGER_DATABASE_PASSWORD
\getenv PAYMENT_DATABASE_OWNER_PASSWORD PAYMENT_DATABASE_OWNER_PASSWORD
\getenv PAYMENT_DATABASE_PASSWORD PAYMENT_DATABASE_PASSWORD
\getenv NOTIFICATION_DATABASE_OWNER_PASSWORD NOTIFICATION_DATABASE_OWNER_PASSWORD
\getenv NOTIFICATION_DATABASE_PASSWORD NOTIFICATION_DATABASE_PASSWORD
\getenv GATEWAY_DATABASE_OWNER_PASSWORD GATEWAY_DATABASE_OWNER_PASSWORD
\getenv GATEWAY_DATABASE_PASSWORD GATEWAY_DATABASE_PASSWORD
create role "identity-owner" login password :'IDENTITY_DATABASE_OWNER_PASSWORD';
create role "identity" login password :'IDENTITY_DATABASE_PASSWORD';
create database "identity" encoding 'UTF8' template template0;
revoke all on database "identity" from public;
grant connect, create, temporary on database "identity" to "identity-owner";
grant connect on database "identity" to "identity";
create role "identity_within" nologin;
grant "identity_within" to "identity";
create role "credit-owner" login password :'CREDIT_DATABASE_OWNER_PASSWORD';
create role "credit" login password :'CREDIT_DATABASE_PASSWORD';
create database "credit" encoding 'UTF8' template template0;
revoke all on database "credit" from public;
grant connect, create, temporary on database "credit" to "credit-owner";
grant connect on database "credit" to "credit";
create role "credit_within" nologin;
grant "credit_within" to "credit";
create role "adjudication-owner" login password :'ADJUDICATION_DATABASE_OWNER_PASSWORD';
create role "adjudication" login password :'ADJUDICATION_DATABASE_PASSWORD';
create database "adjudication" encoding 'UTF8' template template0;
revoke all on database "adjudication" from public;
grant connect, create, temporary on database "adjudication" to "adjudication-owner";
grant connect on database "adjudication" to "adjudication";
create role "adjudication_within" nologin;
grant "adjudication_within" to "adjudication";
create role "visit-ledger-owner" login password :'VISIT_LEDGER_DATABASE_OWNER_PASSWORD';
create role "visit-ledger" login password :'VISIT_LEDGER_DATABASE_PASSWORD';
create database "visit-ledger" encoding 'UTF8' template template0;
revoke all on database "visit-ledger" from public;
grant connect, create, temporary on database "visit-ledger" to "visit-ledger-owner";
grant connect on database "visit-ledger" to "visit-ledger";
create role "visit-ledger_within" nologin;
grant "visit-ledger_within" to "visit-ledger";
create role "caretab_ledger_app" nologin;
grant "caretab_ledger_app" to "visit-ledger";
create role "payment-owner" login password :'PAYMENT_DATABASE_OWNER_PASSWORD';
create role "payment" login password :'PAYMENT_DATABASE_PASSWORD';
create database "payment" encoding 'UTF8' template template0;
revoke all on database "payment" from public;
grant connect, create, temporary on database "payment" to "payment-owner";
grant connect on database "payment" to "payment";
create role "payment_within" nologin;
grant "payment_within" to "payment";
create role "notification-owner" login password :'NOTIFICATION_DATABASE_OWNER_PASSWORD';
create role "notification" login password :'NOTIFICATION_DATABASE_PASSWORD';
create database "notification" encoding 'UTF8' template template0;
revoke all on database "notification" from public;
grant connect, create, temporary on database "notification" to "notification-owner";
grant connect on database "notification" to "notification";
create role "notification_within" nologin;
grant "notification_within" to "notification";
create role "gateway-owner" login password :'GATEWAY_DATABASE_OWNER_PASSWORD';
create role "gateway" login password :'GATEWAY_DATABASE_PASSWORD';
create database "gateway" encoding 'UTF8' template template0;
revoke all on database "gateway" from public;
grant connect, create, temporary on database "gateway" to "gateway-owner";
grant connect on database "gateway" to "gateway";
create role "gateway_within" nologin;
grant "gateway_within" to "gateway";
