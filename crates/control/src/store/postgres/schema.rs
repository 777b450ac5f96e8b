//! The tables, and which version of them this countersign knows.

use postgres::{Client, GenericClient, Statement};

use super::connect::refused;
use crate::store::port::StoreError;

/// The schema, one step per version; a step is never changed once released. Keys compare by their bytes, whatever the
/// database's language is.
const MIGRATIONS: [&str; 3] = [
    r#"
    CREATE TABLE countersign.meta (name text COLLATE "C" PRIMARY KEY, value bigint NOT NULL);
    INSERT INTO countersign.meta VALUES ('schema', 0), ('version', 0);
    CREATE TABLE countersign.records (
        kind text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL, body text NOT NULL, PRIMARY KEY (kind, key)
    );
    CREATE TABLE countersign.changes (
        version bigint PRIMARY KEY, at bigint NOT NULL, operation text NOT NULL, caller text NOT NULL,
        request_id text NOT NULL, records text NOT NULL
    );
"#,
    // Unlogged: what gateways tell each other is told again after a crash (decision 0200).
    r#"
    CREATE UNLOGGED TABLE countersign.gateways (
        name text COLLATE "C" PRIMARY KEY, told timestamptz NOT NULL, version text NOT NULL, body text NOT NULL
    );
"#,
    // What each of them counted in a minute, for an hour (decision 0211).
    r#"
    CREATE UNLOGGED TABLE countersign.gateway_minutes (
        gateway text COLLATE "C" NOT NULL, until bigint NOT NULL, told timestamptz NOT NULL, body text NOT NULL,
        PRIMARY KEY (gateway, until)
    );
"#,
];

/// The lock of whoever changes the schema: "CsGn", as the file's application id.
const MIGRATION_LOCK: i64 = 0x4373_476e;

/// The version that this countersign knows.
pub(super) fn known() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// Makes what is missing, one process at a time.
pub(super) fn migrate(client: &mut Client) -> Result<(), StoreError> {
    let mut transaction = client.transaction().map_err(refused)?;
    transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&MIGRATION_LOCK]).map_err(refused)?;
    let there = transaction
        .query_one(
            "SELECT to_regnamespace('countersign') IS NOT NULL, to_regclass('countersign.meta') IS NOT NULL, \
             EXISTS (SELECT FROM pg_class WHERE relnamespace = to_regnamespace('countersign'))",
            &[],
        )
        .map_err(refused)?;
    let is = |column: usize| there.try_get::<_, bool>(column).map_err(refused);
    let (schema, meta, something) = (is(0)?, is(1)?, is(2)?);
    if something && !meta {
        let why = "the schema countersign of this database holds another program's tables";
        return Err(StoreError::Damaged { why: why.to_owned() });
    }
    if !schema {
        transaction.batch_execute("CREATE SCHEMA countersign").map_err(refused)?;
    }
    let seen = if meta { schema_of(&mut transaction)? } else { 0 };
    if seen > known() {
        return Err(StoreError::Newer { seen, known: known() });
    }
    for (step, sql) in (1i64..).zip(MIGRATIONS).skip(usize::try_from(seen).unwrap_or(0)) {
        transaction.batch_execute(sql).map_err(refused)?;
        let moved = "UPDATE countersign.meta SET value = $1 WHERE name = 'schema'";
        transaction.execute(moved, &[&step]).map_err(refused)?;
    }
    transaction.commit().map_err(refused)
}

/// Refuses a schema that is another than the one this countersign knows: a newer countersign changed it meanwhile, or this is
/// not the database that it was.
pub(super) fn check(client: &mut impl GenericClient) -> Result<(), StoreError> {
    let seen = schema_of(client)?;
    if seen == known() {
        return Ok(());
    }
    if seen > known() {
        return Err(StoreError::Newer { seen, known: known() });
    }
    Err(StoreError::Damaged { why: format!("it has schema {seen}, and had {}", known()) })
}

fn schema_of(client: &mut impl GenericClient) -> Result<i64, StoreError> {
    let row = client
        .query_one("SELECT value FROM countersign.meta WHERE name = 'schema'", &[])
        .map_err(refused)?;
    row.try_get(0).map_err(refused)
}

/// The version that the database is at, as `meta` reads the table of that name, if its schema is the one that is known.
pub(super) fn version_of(
    client: &mut impl GenericClient,
    meta: &Statement,
) -> Result<u64, StoreError> {
    let rows = client.query(meta, &[]).map_err(refused)?;
    let value = |name: &str| {
        let row = rows.iter().find(|row| row.try_get::<_, &str>(0).is_ok_and(|it| it == name));
        row.and_then(|row| row.try_get::<_, i64>(1).ok())
    };
    match (value("schema"), value("version")) {
        (Some(schema), Some(version)) if schema == known() => {
            Ok(u64::try_from(version).unwrap_or_default())
        }
        (Some(seen), _) if seen > known() => Err(StoreError::Newer { seen, known: known() }),
        _ => {
            Err(StoreError::Damaged { why: "the table countersign.meta lacks its rows".to_owned() })
        }
    }
}
