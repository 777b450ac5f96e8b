//! Service control policies as the operator keeps them: a file, or a folder of levels.
//!
//! A folder's own `.json` files are one level of the organisation, those of each folder in it one more, in the order of the
//! names: `root.json`, `1-search/allow.json`, `2-team/deny.json` are three.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use control::ServiceControlPolicy;

use crate::guards::limits::{
    SERVICE_CONTROL_BYTES_MAX, SERVICE_CONTROL_LEVELS_MAX, SERVICE_CONTROL_POLICIES_MAX,
};

/// One list of policies for each level of the organisation.
type PolicyLevels = Vec<Vec<ServiceControlPolicy>>;

/// The policies of every account that has some. The error names the file.
pub(crate) fn read(
    chosen: &BTreeMap<String, PathBuf>,
) -> Result<BTreeMap<String, PolicyLevels>, String> {
    chosen.iter().map(|(account, path)| Ok((account.clone(), levels(path)?))).collect()
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
        let level: Vec<ServiceControlPolicy> =
            files.map(|file| policy(&file)).collect::<Result<_, _>>()?;
        if level.len() > SERVICE_CONTROL_POLICIES_MAX {
            return Err(format!(
                "{}: a level has at most {SERVICE_CONTROL_POLICIES_MAX} service control policies, and this one {}",
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
        count if count > SERVICE_CONTROL_LEVELS_MAX => Err(format!(
            "{}: an organisation has at most {SERVICE_CONTROL_LEVELS_MAX} levels, and this one {count}",
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

fn policy(path: &Path) -> Result<ServiceControlPolicy, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    let mut text = String::new();
    let file = fs::File::open(path).map_err(failed)?;
    file.take(SERVICE_CONTROL_BYTES_MAX + 1).read_to_string(&mut text).map_err(failed)?;
    if text.len() as u64 > SERVICE_CONTROL_BYTES_MAX {
        return Err(format!(
            "{}: a service control policy has at most {SERVICE_CONTROL_BYTES_MAX} bytes",
            path.display()
        ));
    }
    Ok(ServiceControlPolicy { name: path.display().to_string(), text })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::private_file::scratch;

    fn names(path: &Path) -> Result<Vec<Vec<String>>, String> {
        let name = |policy: ServiceControlPolicy| {
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
        assert!(
            told().ends_with("a.json: a service control policy has at most 20480 bytes"),
            "{}",
            told()
        );
        for number in 0..11 {
            fs::write(folder.join(format!("{number}.json")), "{}").unwrap();
        }
        fs::write(folder.join("a.json"), "{}").unwrap();
        assert!(
            told().ends_with("at most 10 service control policies, and this one 12"),
            "{}",
            told()
        );
        let error = levels(&folder.join("none")).unwrap_err();
        assert!(error.contains("none: No such file"), "{error}");
        fs::remove_dir_all(folder).unwrap();
    }
}
