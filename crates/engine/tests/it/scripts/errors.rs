//! Scripts that are wrong.

use super::gives;

#[test]
fn a_name_that_is_not_there_is_told_with_its_place() {
    gives!(
        "int x = 1;\nreturn x + foo;",
        "Foo.bar()",
        "x = 1",
        "return doc['a'].value",
        "int f(int a) { return params.n } return f(1)",
        "if (x =~ /a/) { return 1 }",
        "return Integer.FOO",
        "return new Foo()"
    );
}

#[test]
fn a_method_that_is_not_there_is_told_with_its_class() {
    gives!(
        "'abc'.foo(1)",
        "def x = 'abc'; x.foo(1)",
        "Math.foo(1)",
        "int a = 5; a.foo()",
        "return 'a'.length",
        "def x = 'a'; return x.foo",
        "return 1.5.foo",
        "new HashMap(1, 2, 3)",
        "return 'a,b'.split(',')",
        "def x = [1, 2]; x.foo = 3"
    );
}

#[test]
fn a_wrong_type_is_told_with_both() {
    gives!(
        "String x = 1;",
        "int x = 1; x = x + 1.5; return x",
        "char c = \"ab\"; return c",
        "byte b = 300; return b",
        "return true + 1",
        "if (1) return 2",
        "return 'a' - 1",
        "return [1] + 1",
        "return 'a' < 1",
        "return String.format('%s', [1])",
        "return (int)'a'",
        "return [3, 1].sort((a, b) -> a - b)",
        "Integer x = 5; return x",
        "Object o = 5; return o",
        "return true & false",
        "return null == null",
        "return 'a'[0]"
    );
}

#[test]
fn a_wrong_value_is_told_where_it_runs() {
    gives!(
        "def a = 'a'; return a - 1",
        "def a = 'a'; return a < 1",
        "def a = 1; if (a) return 1; else return 2",
        "def a = 1L; int b = a; return b",
        "def x = null; return x.foo()",
        "def x = null; return x + 1",
        "def x = null; return x < 1",
        "def x = 0; return 1 / x",
        "def x = null; return !x",
        "throw new IllegalArgumentException('bad')",
        "throw new Exception('x')",
        "def a = 'x'; int b = (int)a; return b",
        "return params['none'].y",
        "int[] a = new int[3]; a[5] = 1"
    );
}

#[test]
fn what_is_no_script_is_told_with_its_place() {
    gives!(
        "return 1 +",
        "return 3 +* 4;",
        "return \"abc",
        "return 'a\\n'",
        "return 99999999999",
        "1; return 2",
        "int x = 1; int x = 2; return x",
        "return 1; int x = 2;",
        "return; return 1;",
        "break;",
        "def f = a -> a + 1; return 1",
        "foo bar",
        "return 1 2",
        "if (true) return 1; return 2"
    );
}

#[test]
fn a_loop_without_an_end_is_refused() {
    gives!(
        "while (true) { }",
        "for (int i = 0; i < 10; ++i) { for (int j = 0; j < 1000000; ++j) { } } return 1",
        "int f(int a) { return f(a) } f(1)",
        "for (x in [1]) { }",
        "int f(int a) { if (a > 1) return 1; } return 1",
        "int f() { } return 1",
        "while (false) { int x = 1 }"
    );
}

#[test]
fn lambdas_that_change_what_they_captured_are_refused() {
    gives!(
        "def s = 0; [1, 2].forEach(x -> s += x); return s",
        "def x = 1; return [1].stream().map(x -> x).count()"
    );
}

#[test]
fn an_explained_value_is_shown_with_its_class() {
    gives!("Debug.explain('a')", "Debug.explain([1, 2])", "Debug.explain(params.map)");
}
