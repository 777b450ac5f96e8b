//! The service looks at its disk by itself: indices take no writes while it is too full, and take them again afterwards.

use std::time::Duration;

use serde_json::json;
use server::Clock;

use crate::service::Running;

/// Lets all three disk watermarks be `share`.
fn watermarks(running: &Running, share: Option<&str>) {
    let levels = json!({"low": share, "high": share, "flood_stage": share});
    let disk = json!({"cluster.routing.allocation.disk.watermark": levels});
    let body = json!({ "transient": disk }).to_string();
    let (domain, developer) = (running.domain(), running.developer());
    let set = domain.signed(&developer, "PUT", "/_cluster/settings", body.as_bytes());
    assert_eq!(set.status, 200, "{}", set.text());
}

#[test]
fn a_disk_beyond_the_flood_stage_takes_no_writes_until_there_is_room_again() {
    let data = std::env::temp_dir().join(format!("countersign-disk-{}", std::process::id()));
    let running = Running::start_by(Clock::System, Some(data.clone()), |options| {
        options.times.disk_look = Duration::from_millis(5);
    });
    let write = |running: &Running| {
        let (domain, developer) = (running.domain(), running.developer());
        domain.signed(&developer, "PUT", "/books/_doc/1", b"{}").status
    };
    assert_eq!(write(&running), 201);
    watermarks(&running, Some("0%"));
    assert!(running.eventually(|running| write(running) == 429));
    watermarks(&running, Some("100%"));
    assert!(running.eventually(|running| write(running) == 200));
    drop(running);
    let _ = std::fs::remove_dir_all(data);
}
