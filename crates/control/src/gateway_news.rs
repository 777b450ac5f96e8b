//! What gateways that share a state tell each other of the domains that one of them alone has: how they are. It is no part of the state:
//! nothing is decided on it, no version counts it, and it is gone with the database's memory (decision 0200).

use std::collections::BTreeMap;
use std::time::Duration;

use crate::control::Control;
use crate::err::{ApiError, ErrorCode};
use crate::observer::ObservedDomain;
use crate::store::port::{CountedMinute, GatewayRow, ToldMinute};

/// What one gateway tells of its domains, by names that the gateways agree on.
pub type GatewayNews = BTreeMap<String, ObservedDomain>;

/// What another gateway told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeardNews {
    /// Which.
    pub gateway: String,
    /// Changes with what it tells.
    pub version: String,
    /// How long ago it said so last, by the clock of the database.
    pub age: Duration,
    /// What it tells; `None`: the same as at the version that the reader knew.
    pub domains: Option<GatewayNews>,
}

impl Control {
    /// Tells the others what `own` says, where there is something to say anew, and hears what they told. Of the gateways whose versions
    /// are `known` only what changed is read. It waits for the database on a connection of its own, and no change waits for it.
    ///
    /// # Errors
    /// `Unavailable` when the store cannot be asked.
    pub fn exchange_news(
        &self,
        gateway: &str,
        own: Option<&GatewayNews>,
        known: &[(String, String)],
    ) -> Result<Vec<HeardNews>, ApiError> {
        let failed = |why: String| ApiError::new(ErrorCode::Unavailable, why);
        let own = own.map(serde_json::to_string).transpose();
        let own = own.map_err(|error| failed(error.to_string()))?;
        let mut board = self.news_board();
        let Some(board) = board.as_mut() else { return Ok(Vec::new()) };
        let told = board.exchange(gateway, own.as_deref(), known);
        let told = told.map_err(|error| failed(error.to_string()))?;
        Ok(told.into_iter().map(heard).collect())
    }

    /// Tells the others what this gateway counted in these minutes, and hears what was told after `since`, its own included (decision 0211).
    ///
    /// # Errors
    /// `Unavailable` when the store cannot be asked.
    pub fn exchange_minutes(
        &self,
        gateway: &str,
        own: &[CountedMinute],
        since: f64,
        rows_max: usize,
    ) -> Result<Vec<ToldMinute>, ApiError> {
        let mut board = self.news_board();
        let Some(board) = board.as_mut() else { return Ok(Vec::new()) };
        let told = board.exchange_minutes(gateway, own, since, rows_max);
        told.map_err(|error| ApiError::new(ErrorCode::Unavailable, error.to_string()))
    }
}

/// A row as its reader takes it: what cannot be read, because a newer gateway wrote it, tells of no domain.
fn heard(row: GatewayRow) -> HeardNews {
    let GatewayRow { gateway, version, age, body } = row;
    let domains = body.map(|body| serde_json::from_str(&body).unwrap_or_default());
    HeardNews { gateway, version, age, domains }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observer::{ChangeStage, HealthStatus, ObservedHealth, ObservedNode, StageStatus};

    #[test]
    fn what_is_told_of_a_domain_is_read_as_it_was() {
        let health = ObservedHealth { status: HealthStatus::Red, shards: 3, unassigned: 2 };
        let node =
            ObservedNode { id: "n".to_owned(), is_data: true, is_manager: false, available: true };
        let stage = ChangeStage {
            name: "Terminating nodes".into(),
            status: StageStatus::Pending,
            description: "node-3".to_owned(),
        };
        let domain =
            ObservedDomain { health: Ok(Some(health)), nodes: vec![node], stages: vec![stage] };
        let lost = ObservedDomain { health: Err("gone".to_owned()), nodes: vec![], stages: vec![] };
        let news: GatewayNews = [("a".to_owned(), domain), ("b".to_owned(), lost)].into();
        let row = |body: &str| GatewayRow {
            gateway: "gw-1".to_owned(),
            version: "v".to_owned(),
            age: Duration::ZERO,
            body: Some(body.to_owned()),
        };
        let told = heard(row(&serde_json::to_string(&news).unwrap()));
        assert_eq!(told.domains, Some(news));
        assert_eq!(heard(row("{\"a\":{\"later\":1}}")).domains, Some(GatewayNews::new()));
    }
}
