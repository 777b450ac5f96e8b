//! Policies as the operator keeps them: those of an organisation by account, a file or a folder of levels; those of VPC
//! endpoints by network, a file each.
//!
//! A folder's own `.json` files are one level of the organisation, those of each folder in it one more, in the order of the
//! names: `root.json`, `1-search/allow.json`, `2-team/deny.json` are three.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use control::{EndpointPolicy, PolicyFile};
use policy::PolicyKind;

use crate::guards::limits::{
    ORGANIZATION_LEVELS_MAX, ORGANIZATION_POLICIES_MAX, POLICY_FILE_BYTES_MAX,
};
use crate::settings::{Settings, VpcSettings};

/// One list of policies for each level of the organisation.
type PolicyLevels = Vec<Vec<PolicyFile>>;

/// Every policy that the settings name.
pub(crate) struct SettingsPolicies {
    pub(crate) service_control: BTreeMap<String, PolicyLevels>,
    pub(crate) resource_control: BTreeMap<String, PolicyLevels>,
    pub(crate) endpoints: Vec<EndpointPolicy>,
}

/// A setting, and what is wrong with a policy that it names.
pub(crate) type PolicyFault = (&'static str, String);

/// Reads them. An error names the setting and the file.
pub(crate) fn read(settings: &Settings) -> Result<SettingsPolicies, PolicyFault> {
    let organized = |setting: &'static str, chosen: &BTreeMap<String, PathBuf>| {
        check_members(chosen, settings.management_account.as_deref())
            .and_then(|()| by_account(chosen))
            .map_err(|why| (setting, why))
    };
    Ok(SettingsPolicies {
        service_control: organized(SERVICE_CONTROL, &settings.service_control_policies)?,
        resource_control: organized(RESOURCE_CONTROL, &settings.resource_control_policies)?,
        endpoints: endpoints(&settings.vpc).map_err(|why| (ENDPOINTS, why))?,
    })
}

const SERVICE_CONTROL: &str = "service_control_policies";
const RESOURCE_CONTROL: &str = "resource_control_policies";
const ENDPOINTS: &str = "vpc.endpoint_policies";

/// Everything that is wrong with the policies that the settings name.
pub(crate) fn faults(settings: &Settings) -> Vec<PolicyFault> {
    let policies = match read(settings) {
        Ok(policies) => policies,
        Err(fault) => return vec![fault],
    };
    let organized = [
        (SERVICE_CONTROL, PolicyKind::ServiceControl, &policies.service_control),
        (RESOURCE_CONTROL, PolicyKind::ResourceControl, &policies.resource_control),
    ];
    let organized = organized.into_iter().flat_map(|(setting, kind, levels)| {
        levels.values().flatten().flatten().map(move |policy| (setting, policy.check(kind)))
    });
    let checked = |it: &EndpointPolicy| (ENDPOINTS, it.policy.check(PolicyFile::OF_ENDPOINT));
    let all = organized.chain(policies.endpoints.iter().map(checked));
    all.filter_map(|(setting, checked)| Some((setting, checked.err()?))).collect()
}

/// No policy of an organisation is for its management account: AWS Organizations user guide, "Service control policies" and
/// "Resource control policies".
fn check_members(
    chosen: &BTreeMap<String, PathBuf>,
    management_account: Option<&str>,
) -> Result<(), String> {
    match management_account.filter(|account| chosen.contains_key(*account)) {
        Some(account) => Err(format!(
            "{account} is the management_account: no policy of the organisation is for its principals and resources"
        )),
        None => Ok(()),
    }
}

/// The policies of every account that has some. The error names the file.
fn by_account(
    chosen: &BTreeMap<String, PathBuf>,
) -> Result<BTreeMap<String, PolicyLevels>, String> {
    chosen.iter().map(|(account, path)| Ok((account.clone(), levels(path)?))).collect()
}

/// The policies of endpoints, each with the networks of its subnet or security group. The error names the id or the file.
fn endpoints(vpc: &VpcSettings) -> Result<Vec<EndpointPolicy>, String> {
    let endpoint = |(id, path): (&String, &PathBuf)| {
        let networks =
            vpc.subnets.get(id).or_else(|| vpc.security_groups.get(id)).ok_or_else(|| {
                format!("{id} is neither in vpc.subnets nor in vpc.security_groups")
            })?;
        Ok(EndpointPolicy { networks: networks.clone(), policy: policy(path)? })
    };
    vpc.endpoint_policies.iter().map(endpoint).collect()
}

fn levels(path: &Path) -> Result<PolicyLevels, String> {
    if !path.is_dir() {
        return Ok(vec![vec![policy(path)?]]);
    }
    let mut levels: PolicyLevels = Vec::new();
    let folders = entries(path)?.into_iter().filter(|entry| entry.is_dir());
    for folder in std::iter::once(path.to_owned()).chain(folders) {
        let files = entries(&folder)?.into_iter();
        let files = files.filter(|file| file.extension().is_some_and(|end| end == "json"));
        let level: Vec<PolicyFile> = files.map(|file| policy(&file)).collect::<Result<_, _>>()?;
        if level.len() > ORGANIZATION_POLICIES_MAX {
            return Err(format!(
                "{}: a level has at most {ORGANIZATION_POLICIES_MAX} policies, and this one {}",
                folder.display(),
                level.len()
            ));
        }
        // A folder of folders only is no level: one without any policy would deny everything.
        if !level.is_empty() {
            levels.push(level);
        }
    }
    match levels.len() {
        0 => Err(format!("{}: there is no .json file in it, nor in its folders", path.display())),
        count if count > ORGANIZATION_LEVELS_MAX => Err(format!(
            "{}: an organisation has at most {ORGANIZATION_LEVELS_MAX} levels, and this one {count}",
            path.display()
        )),
        _ => Ok(levels),
    }
}

/// What is in a folder, in the order of the names.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    let entries = fs::read_dir(folder).map_err(failed)?;
    let mut entries: Vec<PathBuf> = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()
        .map_err(failed)?;
    entries.sort();
    Ok(entries)
}

fn policy(path: &Path) -> Result<PolicyFile, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    let mut text = String::new();
    let file = fs::File::open(path).map_err(failed)?;
    file.take(POLICY_FILE_BYTES_MAX + 1).read_to_string(&mut text).map_err(failed)?;
    if text.len() as u64 > POLICY_FILE_BYTES_MAX {
        return Err(format!(
            "{}: a policy has at most {POLICY_FILE_BYTES_MAX} bytes",
            path.display()
        ));
    }
    Ok(PolicyFile { name: path.display().to_string(), text })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::private_file::scratch;

    fn names(path: &Path) -> Result<Vec<Vec<String>>, String> {
        let name = |policy: PolicyFile| {
            let relative = policy.name.strip_prefix(&path.display().to_string()).unwrap();
            relative.trim_start_matches('/').to_owned()
        };
        let levels = levels(path)?.into_iter();
        Ok(levels.map(|level| level.into_iter().map(name).collect()).collect())
    }

    #[test]
    fn a_folder_is_a_level_and_so_is_each_folder_in_it_in_the_order_of_the_names() {
        let folder = scratch("organization");
        for name in
            ["2-team/b.json", "2-team/a.json", "1-search/allow.json", "root.json", "README.md"]
        {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "{}").unwrap();
        }
        assert_eq!(
            names(&folder).unwrap(),
            [
                vec!["root.json"],
                vec!["1-search/allow.json"],
                vec!["2-team/a.json", "2-team/b.json"]
            ]
        );
        assert_eq!(levels(&folder.join("root.json")).unwrap().len(), 1);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_folder_without_a_policy_is_refused_and_so_is_too_much_of_anything() {
        let folder = scratch("organization-limits");
        let told = || names(&folder).unwrap_err();
        assert!(told().ends_with("there is no .json file in it, nor in its folders"), "{}", told());
        fs::write(folder.join("a.json"), "x".repeat(20 * 1024 + 1)).unwrap();
        assert!(told().ends_with("a.json: a policy has at most 20480 bytes"), "{}", told());
        for number in 0..11 {
            fs::write(folder.join(format!("{number}.json")), "{}").unwrap();
        }
        fs::write(folder.join("a.json"), "{}").unwrap();
        assert!(told().ends_with("at most 10 policies, and this one 12"), "{}", told());
        let error = levels(&folder.join("none")).unwrap_err();
        assert!(error.contains("none: No such file"), "{error}");
        fs::remove_dir_all(folder).unwrap();
    }
}
