//! How programs reach a domain: those of `examples/connect/`, which the judges run.

use crate::cli::quoted;

/// A way to reach a domain.
pub(crate) struct Way {
    /// The language.
    pub(crate) language: &'static str,
    /// What the program is.
    pub(crate) needs: &'static str,
    /// The program.
    pub(crate) program: String,
}

/// The programs, after what they expect in the environment.
const PROGRAMS: &[(&str, &str, &str)] = &[
    ("Shell, curl", "Its own signer", include_str!("../../../examples/connect/curl.sh")),
    (
        "Python, elasticsearch-py",
        "boto3 finds credentials, AWS4Auth signs",
        include_str!("../../../examples/connect/elasticsearch-py.py"),
    ),
    (
        "Python, opensearch-py",
        "boto3 finds credentials, opensearch-py signs",
        include_str!("../../../examples/connect/opensearch-py.py"),
    ),
    (
        "JavaScript",
        "opensearch-js with its signer",
        include_str!("../../../examples/connect/opensearch.mjs"),
    ),
    (
        "Go",
        "opensearch-go, and its signer for aws-sdk-go-v2",
        include_str!("../../../examples/connect/opensearch.go"),
    ),
    (
        "Java",
        "opensearch-java over the AWS SDK for Java 2",
        include_str!("../../../examples/connect/Connect.java"),
    ),
    (
        "Rust",
        "The opensearch crate with aws-auth",
        include_str!("../../../examples/connect/opensearch.rs"),
    ),
    (
        "Ruby",
        "net/http, signed by aws-sigv4",
        include_str!("../../../examples/connect/net-http.rb"),
    ),
];

/// The ways to the domain at `endpoint`, the environment first.
pub(crate) fn ways(endpoint: &str, region: &str) -> Vec<Way> {
    let region = quoted(region);
    let environment = format!(
        "export COUNTERSIGN_ENDPOINT={}\nexport AWS_REGION={region} AWS_DEFAULT_REGION={region}\n\
         # A key that the policies allow:\nexport AWS_ACCESS_KEY_ID=AKIA… AWS_SECRET_ACCESS_KEY=…\n\
         # The authority of the service's certificate, where the system does not know it:\n\
         export AWS_CA_BUNDLE=ca-bundle.pem REQUESTS_CA_BUNDLE=ca-bundle.pem NODE_EXTRA_CA_CERTS=ca-bundle.pem",
        quoted(&format!("https://{endpoint}"))
    );
    let environment = Way {
        language: "Environment for every program",
        needs: "`countersign dev --data DIR` writes all of it to DIR/env",
        program: environment,
    };
    let programs = PROGRAMS.iter().map(|(language, needs, program)| Way {
        language,
        needs,
        program: (*program).to_owned(),
    });
    [environment].into_iter().chain(programs).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_programs_in_seven_languages() {
        let first = |language: &'static str| language.split(',').next().unwrap();
        let languages: std::collections::BTreeSet<_> =
            PROGRAMS.iter().map(|(language, ..)| first(language)).collect();
        let expected = ["Go", "Java", "JavaScript", "Python", "Ruby", "Rust", "Shell"];
        assert!(languages.iter().copied().eq(expected), "{languages:?}");
        assert!(PROGRAMS.iter().all(|(.., program)| program.contains("COUNTERSIGN_ENDPOINT")));
    }

    #[test]
    fn the_environment_names_the_endpoint_and_the_region() {
        let ways = ways("localhost:9200", "eu-west-1");
        assert!(
            ways[0].program.starts_with("export COUNTERSIGN_ENDPOINT=https://localhost:9200\n")
        );
        assert!(ways[0].program.contains("AWS_REGION=eu-west-1 "));
        assert_eq!(ways.len(), PROGRAMS.len() + 1);
    }
}
