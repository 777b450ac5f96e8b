//! `docs/reference/config.md` is made from the table of settings: `UPDATE_EXPECT=1 cargo test -p server`
//! rewrites it.

use expect_test::expect_file;

#[test]
fn the_page_of_settings_is_up_to_date() {
    expect_file!["../../../../docs/reference/config.md"]
        .assert_eq(&server::for_tests::settings_page());
}
