//! What the control plane cannot know of a domain by itself: how it is. Whoever serves it is asked.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::store::record::Domain;

/// How a domain is, as its backend tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedHealth {
    /// As `_cluster/health` says it.
    pub status: HealthStatus,
    /// Shards that are there.
    pub shards: u64,
    /// Shards that are wanted and are not there.
    pub unassigned: u64,
}

/// The worst that any of its shards is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HealthStatus {
    /// All are there, with their replicas.
    Green,
    /// Replicas are missing.
    Yellow,
    /// Primary shards are missing.
    Red,
}

impl HealthStatus {
    /// Reads `green` and `yellow`; all else is red.
    #[must_use]
    pub fn read(text: &str) -> Self {
        match text {
            "green" => Self::Green,
            "yellow" => Self::Yellow,
            _ => Self::Red,
        }
    }
}

/// What the backend of a domain says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedDomain {
    /// How it is; or why it cannot serve: a cluster that is not reached. None: nobody knows yet.
    pub health: Result<Option<ObservedHealth>, String>,
    /// The nodes of its cluster; empty where nobody tells of any.
    pub nodes: Vec<ObservedNode>,
    /// How far a change of its nodes is; empty where none is made.
    pub stages: Vec<ChangeStage>,
}

/// A node of a domain's cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedNode {
    /// As the cluster calls it.
    pub id: String,
    /// Whether it has documents.
    pub is_data: bool,
    /// Whether it may be elected to lead the cluster.
    pub is_manager: bool,
    /// Whether it is in the cluster.
    pub available: bool,
}

/// One stage of a change that is being made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeStage {
    /// What is done.
    pub name: Cow<'static, str>,
    /// How far.
    pub status: StageStatus,
    /// In words, for who waits.
    pub description: String,
}

/// How far a stage is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StageStatus {
    /// Another has to be complete first.
    Pending,
    /// It is being made.
    InProgress,
    /// It is made.
    Completed,
}

impl StageStatus {
    /// As `ChangeProgressStage.Status` says it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::InProgress => "IN_PROGRESS",
            Self::Completed => "COMPLETED",
        }
    }
}

impl ObservedDomain {
    /// One that the engine of a gateway serves: that is its one node, called `node`.
    #[must_use]
    pub fn serves(health: ObservedHealth, node: &str) -> Self {
        let id = node.to_owned();
        let node = ObservedNode { id, is_data: true, is_manager: true, available: true };
        Self { health: Ok(Some(health)), nodes: vec![node], stages: Vec::new() }
    }
}

/// Asks the backend of a domain how it is; `None`: there is none that answers.
pub type DomainObserver = dyn Fn(&Domain) -> Option<ObservedDomain>;
