//! A move as `DescribeDomainChangeProgress` tells it, in the words of Amazon's page "Stages of a configuration change".

use control::{ChangeStage, StageStatus};

use super::progress::{Phase, Progress};

/// The stages of a move that runs, in their order; none of one that does not.
pub(super) fn stages(progress: &Progress) -> Vec<ChangeStage> {
    let stage = |name: &'static str, status, description: String| ChangeStage {
        name: name.into(),
        status,
        description,
    };
    let pool = progress.pool.as_deref().unwrap_or_default();
    let copied = format!(
        "{} of {} indices, {} of {} documents are at pool {pool}",
        progress.indices_copied, progress.indices, progress.documents_copied, progress.documents
    );
    let (copying, told, switching) = match progress.phase {
        Phase::Copying => (StageStatus::InProgress, copied, StageStatus::Pending),
        Phase::CatchingUp => {
            let waiting = progress.changes_waiting;
            let told = format!("{copied}; {waiting} changes since are not yet");
            (StageStatus::InProgress, told, StageStatus::Pending)
        }
        Phase::Switching => (StageStatus::Completed, copied, StageStatus::InProgress),
        Phase::Removing => {
            let told = format!("what an ended move left at pool {pool}");
            return vec![stage("Deleting older resources", StageStatus::InProgress, told)];
        }
        Phase::None | Phase::Moved | Phase::Failed | Phase::Aborted | Phase::Interrupted => {
            return Vec::new();
        }
    };
    vec![
        stage("Copying shards to new nodes", copying, told),
        stage("Traffic routing on new nodes", switching, format!("pool {pool}")),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_move_is_told_in_stages_while_it_runs() {
        let told = |phase| {
            let progress = Progress {
                pool: Some("main".to_owned()),
                phase,
                indices_copied: 1,
                indices: 2,
                documents_copied: 10,
                documents: 30,
                changes_waiting: 4,
                ..Progress::default()
            };
            let line =
                |it: ChangeStage| format!("{} {}: {}", it.name, it.status.as_str(), it.description);
            stages(&progress).into_iter().map(line).collect::<Vec<_>>()
        };
        let copied = "1 of 2 indices, 10 of 30 documents are at pool main";
        assert_eq!(
            told(Phase::Copying),
            [
                format!("Copying shards to new nodes IN_PROGRESS: {copied}"),
                "Traffic routing on new nodes PENDING: pool main".to_owned()
            ]
        );
        assert_eq!(
            told(Phase::CatchingUp)[0],
            format!(
                "Copying shards to new nodes IN_PROGRESS: {copied}; 4 changes since are not yet"
            )
        );
        assert_eq!(
            told(Phase::Switching)[1],
            "Traffic routing on new nodes IN_PROGRESS: pool main"
        );
        assert_eq!(told(Phase::Removing).len(), 1);
        for ended in [Phase::None, Phase::Moved, Phase::Failed, Phase::Aborted, Phase::Interrupted]
        {
            assert!(told(ended).is_empty(), "{ended:?}");
        }
    }
}
