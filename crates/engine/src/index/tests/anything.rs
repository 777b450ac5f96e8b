//! Whatever a stranger sends as a document is taken or refused: nothing panics, and what was taken comes back.

use proptest::prelude::*;

use super::*;
use crate::work::Cancel;

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-c]",
        2 => "[a-c]\\.[a-c]",
        1 => "[-._~@ a]{0,4}",
        1 => any::<String>(),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-z ]{0,12}".prop_map(Value::from),
        "20[0-9]{2}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2})?".prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    scalar.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name(), inner), 0..4)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_document_is_taken_or_refused(documents in prop::collection::vec(
        prop::collection::vec((name(), value()), 0..5), 1..8)) {
        let indices = memory();
        let index = created(&indices, "i");
        let mut taken = Vec::new();
        for (number, entries) in documents.into_iter().enumerate() {
            let document = Value::Object(entries.into_iter().collect());
            let id = number.to_string();
            if one(&index, put(&id, document)).is_ok() {
                taken.push(id);
            }
        }
        index.force_merge(1, &Cancel::new()).unwrap();
        prop_assert_eq!(visible(&index), taken);
        let mapping = Arc::clone(&indices.metadata().index("i").unwrap().mapping);
        let again = Mapping::restore(
            &mapping.to_json(),
            mapping.field_order().to_vec(),
            mapping.version(),
            crate::mapping::Growth::default(),
            Arc::default(),
            Arc::default(),
            None,
        );
        prop_assert!(again.unwrap().schema() == mapping.schema());
    }
}
