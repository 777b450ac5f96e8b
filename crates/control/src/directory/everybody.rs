//! Everybody of an account, as who would ask without telling more than who it is.

use jiff::Timestamp;
use policy::CallerKind;

use super::snapshot::Directory;
use crate::identity::IdentifiedCaller;

impl Directory {
    /// The ARNs of the users and roles of an account, in their order.
    pub fn principal_arns(&self, account: &str) -> Vec<String> {
        let prefix = format!("{account}/");
        let users = self.users(&prefix).map(|user| user.arn());
        let mut arns: Vec<String> =
            users.chain(self.roles(&prefix).map(|role| role.arn())).collect();
        arns.sort();
        arns
    }

    /// The user of this ARN with its key, or a session of the role of this ARN that is called `session_name`: with its policies,
    /// its boundary and what stands above its account. No credentials are looked at, so nobody is let in by this.
    pub fn who_would_ask(
        &self,
        arn: &str,
        session_name: &str,
        now: Timestamp,
    ) -> Option<IdentifiedCaller> {
        let mut identified = self.identified_by_arn(arn)?;
        if identified.kind() == CallerKind::AssumedRole {
            return self.session_of_service(arn, session_name, now);
        }
        self.complete(&mut identified, now);
        Some(identified)
    }
}
