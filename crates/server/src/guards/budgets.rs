//! The memory of requests in the engine: of all together, of each account's within it, of each principal's within that.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use engine::Budget;

use crate::service::pool::WorkOwner;

/// Budgets that are kept though nothing is taken from them. Beyond it those are forgotten.
const KEPT_MAX: usize = 4_096;

/// The memory that requests may hold, for all and for each caller.
pub struct MemoryBudgets {
    all: Budget,
    account_bytes_max: u64,
    principal_bytes_max: u64,
    accounts: Mutex<HashMap<Arc<str>, AccountBudgets>>,
}

struct AccountBudgets {
    budget: Budget,
    principals: HashMap<Arc<str>, Budget>,
}

impl MemoryBudgets {
    /// `bytes_max` for all: an account may have three quarters of it, a principal half.
    #[must_use]
    pub fn new(bytes_max: u64) -> Self {
        Self {
            all: Budget::new("parent", bytes_max),
            account_bytes_max: bytes_max - bytes_max / 4,
            principal_bytes_max: bytes_max / 2,
            accounts: Mutex::default(),
        }
    }

    /// What all requests hold now.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.all.bytes()
    }

    /// The budget of `holder`'s requests.
    #[must_use]
    pub fn of(&self, holder: &WorkOwner) -> Budget {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        if accounts.len() >= KEPT_MAX {
            accounts.retain(|_, account| account.budget.bytes() > 0);
        }
        let account =
            accounts.entry(Arc::clone(&holder.account)).or_insert_with(|| AccountBudgets {
                budget: self.all.child("account", self.account_bytes_max),
                principals: HashMap::new(),
            });
        let principals = &mut account.principals;
        if principals.len() >= KEPT_MAX {
            principals.retain(|_, budget| budget.bytes() > 0);
        }
        let within = &account.budget;
        let budget = principals.entry(Arc::clone(&holder.principal));
        budget.or_insert_with(|| within.child("principal", self.principal_bytes_max)).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder(account: &str, principal: &str) -> WorkOwner {
        WorkOwner { account: account.into(), principal: principal.into() }
    }

    #[test]
    fn a_principal_has_one_budget_for_all_its_requests_within_its_accounts() {
        let budgets = MemoryBudgets::new(100);
        let _held = budgets.of(&holder("a", "p")).take(50, "x").unwrap();
        assert!(budgets.of(&holder("a", "p")).take(1, "x").is_err());
        let _more = budgets.of(&holder("a", "q")).take(25, "x").unwrap();
        assert!(budgets.of(&holder("a", "q")).take(1, "x").is_err());
        assert!(budgets.of(&holder("b", "p")).take(25, "x").is_ok());
    }

    #[test]
    fn callers_who_hold_nothing_are_forgotten_and_the_others_are_not() {
        let budgets = MemoryBudgets::new(100);
        let _held = budgets.of(&holder("", "0")).take(50, "x").unwrap();
        for address in 1..3 * KEPT_MAX {
            let _ = budgets.of(&holder("", &address.to_string()));
        }
        let kept = budgets.accounts.lock().unwrap()[""].principals.len();
        assert!(kept <= KEPT_MAX, "{kept}");
        assert!(budgets.of(&holder("", "0")).take(1, "x").is_err());
    }
}
