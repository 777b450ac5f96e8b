//! Manifests of the OpenSearch operator (`opensearch.opster.io/v1`), one for each domain of a pool. They are written, and never applied:
//! whoever runs the Kubernetes cluster does that. Source of their form: the operator's own description of `OpenSearchCluster`.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use control::Domain;
use serde_json::json;

use super::sizes;
use crate::service::private_file;
use crate::settings::KubernetesPool;

/// Of a volume, where `EBSOptions` does not say it.
const VOLUME_GIB_DEFAULT: u64 = 30;

/// Writes the manifest of a domain, if it is another than the one that is there.
///
/// # Errors
/// In words: what the operator cannot run, a file that cannot be written.
pub(crate) fn write(pool: &KubernetesPool, domain: &Domain) -> Result<(), String> {
    let path = file(pool, domain);
    let failed = |path: &Path, error: io::Error| format!("{}: {error}", path.display());
    let text = manifest(pool, domain)?;
    if std::fs::read_to_string(&path).is_ok_and(|there| there == text) {
        return Ok(());
    }
    std::fs::create_dir_all(&pool.manifests).map_err(|error| failed(&pool.manifests, error))?;
    private_file::write(&path, &text).map_err(|error| failed(&path, error))
}

/// Removes the manifest of a domain that is deleted.
///
/// # Errors
/// In words: the file cannot be removed.
pub(crate) fn remove(pool: &KubernetesPool, domain: &Domain) -> Result<(), String> {
    let path = file(pool, domain);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(format!("{}: {error}", path.display()))
        }
        _ => Ok(()),
    }
}

fn file(pool: &KubernetesPool, domain: &Domain) -> PathBuf {
    pool.manifests.join(format!("{}.yaml", domain.name))
}

/// The manifest of a domain's cluster. Texts are written as JSON, which YAML reads: nothing in one can end it.
fn manifest(pool: &KubernetesPool, domain: &Domain) -> Result<String, String> {
    let version = version(&domain.engine_version)?;
    let name = json!(domain.name);
    let head = [
        "# Written by countersign from the domain's configuration: changes here are lost."
            .to_owned(),
        "apiVersion: opensearch.opster.io/v1".to_owned(),
        "kind: OpenSearchCluster".to_owned(),
        "metadata:".to_owned(),
        format!("  name: {name}"),
        format!("  namespace: {}", json!(pool.namespace)),
        "  annotations:".to_owned(),
        format!("    countersign/domain: {}", json!(domain.arn())),
        "spec:".to_owned(),
        "  general:".to_owned(),
        format!("    serviceName: {name}"),
        format!("    version: {}", json!(version)),
        "    httpPort: 9200".to_owned(),
        // A node that goes gives its shards away first.
        "    drainDataNodes: true".to_owned(),
        "  security:".to_owned(),
        "    tls:".to_owned(),
        "      transport:".to_owned(),
        "        generate: true".to_owned(),
        "      http:".to_owned(),
        "        generate: true".to_owned(),
        "  nodePools:".to_owned(),
    ];
    let managers = sizes::dedicated_managers(domain);
    let roles: &[&str] = if managers.is_some() { &["data"] } else { &["cluster_manager", "data"] };
    let count = sizes::instance_count(domain) as u64;
    let mut lines: Vec<String> = head.into();
    lines.extend(node_pool("data", count, sizes::instance_type(domain), volume_gib(domain), roles));
    if let Some((kind, count)) = managers {
        let roles = &["cluster_manager"];
        lines.extend(node_pool("managers", count, kind, VOLUME_GIB_DEFAULT, roles));
    }
    Ok(lines.join("\n") + "\n")
}

fn node_pool(
    name: &str,
    count: u64,
    instance_type: &str,
    volume_gib: u64,
    roles: &[&str],
) -> Vec<String> {
    let heap = sizes::heap_mib(&BTreeMap::new(), instance_type);
    let memory = json!(format!("{}Mi", heap * 2));
    let roles = roles.iter().map(|role| format!("        - {role}"));
    let mut lines = vec![
        format!("    - component: {name}"),
        format!("      replicas: {count}"),
        format!("      diskSize: {}", json!(format!("{volume_gib}Gi"))),
        format!("      jvm: {}", json!(format!("-Xms{heap}M -Xmx{heap}M"))),
        "      resources:".to_owned(),
        "        requests:".to_owned(),
        format!("          memory: {memory}"),
        "        limits:".to_owned(),
        format!("          memory: {memory}"),
        "      roles:".to_owned(),
    ];
    lines.extend(roles);
    lines
}

fn volume_gib(domain: &Domain) -> u64 {
    let size = domain.options.get("EBSOptions").and_then(|volume| volume.get("VolumeSize"));
    size.and_then(serde_json::Value::as_u64).unwrap_or(VOLUME_GIB_DEFAULT)
}

/// The version of an image: Amazon names no patch releases, and each of these has one.
fn version(engine_version: &str) -> Result<String, String> {
    let number = engine_version.strip_prefix("OpenSearch_");
    let number = number.ok_or_else(|| {
        format!("the operator runs OpenSearch, and the domain is {engine_version}")
    })?;
    Ok(match number {
        "1.3" => "1.3.20".to_owned(),
        "2.19" => "2.19.1".to_owned(),
        other => format!("{other}.0"),
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn books(cluster: serde_json::Value) -> Domain {
        Domain {
            account: "123456789012".to_owned(),
            region: "us-east-1".to_owned(),
            name: "books".to_owned(),
            engine_version: "OpenSearch_2.19".to_owned(),
            options: [
                ("ClusterConfig".to_owned(), cluster),
                ("EBSOptions".to_owned(), json!({"EBSEnabled": true, "VolumeSize": 100})),
            ]
            .into(),
            ..Domain::default()
        }
    }

    fn pool(manifests: PathBuf) -> KubernetesPool {
        KubernetesPool { manifests, namespace: "search".to_owned() }
    }

    #[test]
    fn a_domain_is_a_manifest_of_the_operator() {
        let cluster = json!({
            "InstanceType": "m5.large.search", "InstanceCount": 3, "DedicatedMasterEnabled": true,
            "DedicatedMasterType": "t3.small.search", "DedicatedMasterCount": 3,
        });
        let seen = manifest(&pool(PathBuf::new()), &books(cluster)).unwrap();
        expect![[r##"
            # Written by countersign from the domain's configuration: changes here are lost.
            apiVersion: opensearch.opster.io/v1
            kind: OpenSearchCluster
            metadata:
              name: "books"
              namespace: "search"
              annotations:
                countersign/domain: "arn:aws:es:us-east-1:123456789012:domain/books"
            spec:
              general:
                serviceName: "books"
                version: "2.19.1"
                httpPort: 9200
                drainDataNodes: true
              security:
                tls:
                  transport:
                    generate: true
                  http:
                    generate: true
              nodePools:
                - component: data
                  replicas: 3
                  diskSize: "100Gi"
                  jvm: "-Xms4096M -Xmx4096M"
                  resources:
                    requests:
                      memory: "8192Mi"
                    limits:
                      memory: "8192Mi"
                  roles:
                    - data
                - component: managers
                  replicas: 3
                  diskSize: "30Gi"
                  jvm: "-Xms1024M -Xmx1024M"
                  resources:
                    requests:
                      memory: "2048Mi"
                    limits:
                      memory: "2048Mi"
                  roles:
                    - cluster_manager
        "##]]
        .assert_eq(&seen);
    }

    #[test]
    fn what_the_operator_does_not_run_is_refused_by_name() {
        let elasticsearch =
            Domain { engine_version: "Elasticsearch_7.10".to_owned(), ..books(json!({})) };
        let why = manifest(&pool(PathBuf::new()), &elasticsearch).unwrap_err();
        assert_eq!(why, "the operator runs OpenSearch, and the domain is Elasticsearch_7.10");
    }

    #[test]
    fn a_manifest_is_written_when_it_changes_and_goes_with_its_domain() {
        let folder = private_file::scratch("manifests");
        let (pool, domain) = (pool(folder.clone()), books(json!({})));
        let path = folder.join("books.yaml");
        write(&pool, &domain).unwrap();
        let inode =
            |path: &Path| std::os::unix::fs::MetadataExt::ino(&std::fs::metadata(path).unwrap());
        let first = inode(&path);
        write(&pool, &domain).unwrap();
        assert_eq!(inode(&path), first, "nobody who watches it is told of nothing");
        write(&pool, &books(json!({"InstanceCount": 2}))).unwrap();
        assert!(std::fs::read_to_string(&path).unwrap().contains("replicas: 2"));
        remove(&pool, &domain).unwrap();
        remove(&pool, &domain).unwrap();
        assert!(!path.exists());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
