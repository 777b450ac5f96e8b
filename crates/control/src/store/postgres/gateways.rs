//! The tables of what gateways tell each other: how their domains are (decision 0200), and what they counted (decision 0211).

use std::time::Duration;

use super::connect::refused;
use super::link::OpenConnection;
use crate::store::port::{CountedMinute, GatewayRow, StoreError, ToldMinute};

/// What one gateway says, and what it knows of the others.
pub(super) struct Exchange {
    gateway: String,
    /// Its version, and what it says.
    own: Option<(String, String)>,
    names: Vec<String>,
    versions: Vec<String>,
}

impl Exchange {
    pub(super) fn of(gateway: &str, own: Option<&str>, known: &[(String, String)]) -> Self {
        let (names, versions) = known.iter().cloned().unzip();
        let own = own.map(|own| (version_of(own), own.to_owned()));
        Self { gateway: gateway.to_owned(), own, names, versions }
    }

    /// Two statements, each a transaction of its own.
    pub(super) fn run(&self, open: &mut OpenConnection) -> Result<Vec<GatewayRow>, StoreError> {
        let OpenConnection { client, statements, .. } = open;
        if let Some((version, own)) = &self.own {
            client.execute(&statements.tell, &[&self.gateway, version, own]).map_err(refused)?;
        }
        let rows = client
            .query(&statements.hear, &[&self.gateway, &self.names, &self.versions])
            .map_err(refused)?;
        rows.iter().map(|row| read(row).map_err(refused)).collect()
    }
}

/// Another one for another text. (Not the database's `md5`: there are some without.)
fn version_of(text: &str) -> String {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    data_encoding::HEXLOWER.encode(hash.as_ref())
}

fn read(row: &postgres::Row) -> Result<GatewayRow, postgres::Error> {
    Ok(GatewayRow {
        gateway: row.try_get(0)?,
        version: row.try_get(1)?,
        age: Duration::try_from_secs_f64(row.try_get(2)?).unwrap_or(Duration::MAX),
        body: row.try_get(3)?,
    })
}

/// Minutes that one gateway counted, and since when it hears.
pub(super) struct MinuteExchange {
    gateway: String,
    until: Vec<i64>,
    bodies: Vec<String>,
    since: f64,
    rows_max: i64,
}

impl MinuteExchange {
    pub(super) fn of(gateway: &str, own: &[CountedMinute], since: f64, rows_max: usize) -> Self {
        let (until, bodies) = own.iter().map(|own| (own.until, own.body.clone())).unzip();
        let rows_max = i64::try_from(rows_max).unwrap_or(i64::MAX);
        Self { gateway: gateway.to_owned(), until, bodies, since, rows_max }
    }

    /// Two statements, each a transaction of its own.
    pub(super) fn run(&self, open: &mut OpenConnection) -> Result<Vec<ToldMinute>, StoreError> {
        let OpenConnection { client, statements, .. } = open;
        if !self.until.is_empty() {
            client
                .execute(&statements.tell_minutes, &[&self.gateway, &self.until, &self.bodies])
                .map_err(refused)?;
        }
        let rows = client
            .query(&statements.hear_minutes, &[&self.since, &self.rows_max])
            .map_err(refused)?;
        rows.iter().map(|row| read_minute(row).map_err(refused)).collect()
    }
}

fn read_minute(row: &postgres::Row) -> Result<ToldMinute, postgres::Error> {
    let minute = CountedMinute { until: row.try_get(1)?, body: row.try_get(3)? };
    Ok(ToldMinute { gateway: row.try_get(0)?, minute, told: row.try_get(2)? })
}
