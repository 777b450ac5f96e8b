//! The language: arithmetic, types, control flow, functions, lambdas.

use super::gives;

#[test]
fn whole_numbers_divide_and_overflow_as_javas() {
    gives!(
        "return 7 / 2",
        "return -7 / 2",
        "return -7 % 3",
        "return Integer.MAX_VALUE + 1",
        "return Long.MIN_VALUE - 1",
        "return 2147483647 * 2",
        "return 5000000000L * 2",
        "return 7L / 2",
        "return params.n / 2",
        "return params.big + 1",
        "return params.n % 4"
    );
}

#[test]
fn fractions_are_printed_as_javas() {
    gives!(
        "return 100.0 / 3",
        "return (float)100 / 3",
        "return 1e10",
        "return 1.0E7",
        "return 9999999.0",
        "return 0.001",
        "return 1e-5",
        "return 1.0f * 3",
        "return 0.1f + 0.2",
        "return 1.0 / 0",
        "return -1.0 / 0",
        "return 0.0 / 0",
        "return 5 % 0.0",
        "return -0.0",
        "return params.half * 3",
        "return 1.0f / 3",
        "return 123456789.0"
    );
}

#[test]
fn shifts_and_bits_are_javas() {
    gives!(
        "return 1 << 33",
        "return 1L << 33",
        "return -7 >> 1",
        "return -7 >>> 1",
        "return -7L >>> 60",
        "return 6 & 3",
        "return 6 | 3",
        "return 6 ^ 3",
        "return ~5",
        "return true ^ true",
        "return 017",
        "return -5 + +3"
    );
}

#[test]
fn casts_cut_as_javas() {
    gives!(
        "return (int)3.99",
        "return (int)-3.99",
        "return (int)3.99e20",
        "return (long)1e30",
        "return (byte)300",
        "return (short)70000",
        "return (char)97",
        "return (int)(char)'a'",
        "return (double)7",
        "return (float)0.1",
        "char c = (char)'a'; return c + 1",
        "return (String)(char)98",
        "def x = 1.9; return (int)x",
        "long x = 5; return x",
        "double d = 3; return d",
        "float f = 7L; return f",
        "Object o = 5; return (int)o + 1"
    );
}

#[test]
fn strings_are_joined_with_anything() {
    gives!(
        "return 'a' + 1 + null + true + [1] + ['k': 2.5]",
        "return 1 + 2 + 'x' + 1 + 2",
        "return '' + 1.0 + 1.5f + 'c' + 5L",
        "def x = 1; def y = 'a'; return x + y",
        "String s = 'a'; s += 1; s += 'b'; return s",
        "return 'it''s'.length()"
    );
}

#[test]
fn assignments_keep_the_type_of_what_is_assigned() {
    gives!(
        "int x = 5; x += 1.5; return x",
        "def x = 5; x += 1.5; return x",
        "def x = 5; x = x + 1.5; return x",
        "int i = 0; i++; ++i; i += 3; return i++ + ++i",
        "byte b = (byte)127; b++; return b",
        "def m = ['a': 1]; m.a += 5; m['b'] = m.a++; return m",
        "int[] a = new int[2]; a[1] += 4; return a[1]",
        "def l = [1, 2]; l[0] *= 10; l[-1] = 7; return l",
        "long n = 5; n *= 1.5; return n",
        "def x = 'a'; x += 1; return x",
        "int x = 7; x <<= 2; x |= 1; return x",
        "int x; return x",
        "String s; return s"
    );
}

#[test]
fn comparisons_look_at_values() {
    gives!(
        "return 1 == 1.0",
        "def a = 1; def b = 1.0; return a == b",
        "return 'a' == 'a'",
        "return [1, 2] == [1, 2]",
        "return [1, 2] === [1, 2]",
        "def a = 1L; def b = 1; return a.equals(b)",
        "return null == null",
        "return 'a' != null",
        "return params.n > 6.5 && params.n <= 7",
        "return ['a': 1] == ['a': 1]",
        "return 1 !== 2",
        "return 5 >= 5L",
        "return true == true"
    );
}

#[test]
fn what_may_be_null_is_asked_safely() {
    gives!(
        "return params.none?.foo?.bar",
        "return params.none?.foo ?: 'd'",
        "return params.map?.a?.c[1]",
        "return params.nothing ?: 5",
        "def x = null; return x == null ? 'n' : x",
        "return params.map.a.c.0"
    );
}

#[test]
fn loops_end_by_their_conditions_and_by_words() {
    gives!(
        "int s = 0; for (int i = 0; i < 10; i++) { if (i == 3) continue; if (i == 7) break; s += i } return s",
        "int i = 0; while (i < 5) { i++ } return i",
        "int i = 0; do { i += 2 } while (i < 5); return i",
        "def s = 0; for (x in params.list) { s += x } return s",
        "int s = 0; for (int x : params.list) { s += x } return s",
        "String s = ''; for (def e : params.map.entrySet()) { s += e.key } return s",
        "int s = 0; for (int i = 0, j = 10; i < j; i++, j--) { s++ } return s"
    );
}

#[test]
fn a_script_returns_its_last_expression() {
    gives!(
        "1 + 1",
        "int x = 5; x",
        "if (params.n > 5) { 'big' } else { 'small' }",
        "int x = 5;",
        "try { 5 } catch (Exception e) { 6 }",
        "def l = []; l.add(1); l"
    );
}

#[test]
fn functions_are_called_with_their_types() {
    gives!(
        "int f(int a, int b) { return a * b } return f(3, 4)",
        "long fact(long n) { return n <= 1 ? 1 : n * fact(n - 1) } return fact(15)",
        "String f(def x) { if (x instanceof List) { return 'list' } return 'other' } return f([1]) + f(1)",
        "double half(double x) { return x / 2 } return half(5)",
        "void add(List l) { l.add(5) } def l = [1]; add(l); return l",
        "boolean even(int n) { return n % 2 == 0 } return params.list.stream().filter(x -> even(x)).count()"
    );
}

#[test]
fn what_is_thrown_is_caught_by_its_class() {
    gives!(
        "try { def x = 0; return 1 / x } catch (ArithmeticException e) { return e.getMessage() }",
        "try { def x = null; return x.foo } catch (NullPointerException e) { return 'npe' }",
        "try { throw new IllegalArgumentException('bad') } catch (RuntimeException e) { return e.message }",
        "try { return Integer.parseInt('x') } catch (NumberFormatException e) { return e.getMessage() }",
        "try { return [1].get(5) } catch (IndexOutOfBoundsException e) { return e.getMessage() }",
        "try { throw new Exception('a') } catch (Exception e) { return e }",
        "try { try { throw new IllegalStateException('in') } catch (ArithmeticException e) { return 1 } } catch (Exception e) { return e.getMessage() }"
    );
}

#[test]
fn classes_are_told_apart() {
    gives!(
        "return 1 instanceof Integer",
        "return params.list instanceof List",
        "return params.map instanceof Map",
        "return 'a' instanceof String",
        "def x = 1L; return x instanceof Integer",
        "return null instanceof String",
        "def x = 1.5; return x instanceof Number",
        "def x = [1] as List; return x"
    );
}

#[test]
fn lambdas_keep_what_they_capture() {
    gives!(
        "int k = 10; return params.list.stream().map(x -> x + k).collect(Collectors.toList())",
        "def l = [3, 1, 2]; l.sort((a, b) -> b - a); return l",
        "def l = [3, 1, 2]; l.removeIf(x -> x > 1); return l",
        "String f(String a) { return a.toUpperCase() } return ['a', 'b'].stream().map(this::f).collect(Collectors.toList())",
        "return ['b', 'a'].stream().map(String::length).collect(Collectors.toList())",
        "return ['1', '2'].stream().mapToInt(Integer::parseInt).sum()",
        "def l = []; params.list.forEach(x -> l.add(x * 2)); return l",
        "return [1, 2, 3].stream().map(x -> { def y = x * x; return y + 1 }).collect(Collectors.toList())",
        "def m = new HashMap(); [1, 2, 3, 4].forEach(x -> m.computeIfAbsent(x % 2, k -> []).add(x)); return m",
        "return [1, 2].stream().map((def x) -> x + 1).collect(Collectors.toList())",
        "return Stream.of('x', 'y').collect(Collectors.toCollection(TreeSet::new))"
    );
}

#[test]
fn functions_and_lambdas_return_what_their_last_expression_gives() {
    gives!(
        "int f(int a) { a + 1 } return f(2)",
        "int f(int a) { if (a > 1) { 5 } else { 6 } } return f(2)",
        "int f(int a) { try { a } catch (Exception e) { 1 } } return f(2)",
        "int f(int a) { while (a < 5) { a++ } a } return f(2)",
        "boolean compare(Supplier s, def v) {return s.get() > v;}compare(() -> { 5 }, 3);",
        "def l = [1, 2]; return l.stream().map(x -> { x + 1 }).collect(Collectors.toList())",
        "List l = [1, 2]; l.forEach(x -> { x + 1 }); return 3",
        "List l = [3, 1]; l.sort((a, b) -> { a - b }); return l",
        "List l = [1, 2]; l.removeIf(x -> { if (x > 1) { true } else { false } }); return l",
        "def f(List l) { l.clear() } return f([1])",
        "void f(int a) { a + 1 } return f(2)",
        "def f(int a) { for (int i = 0; i < 2; i++) { a } } return f(2)"
    );
}

#[test]
fn an_operation_alone_is_no_statement() {
    gives!(
        "1 * 2; return 1",
        "1 / 2; return 1",
        "1 % 2; return 1",
        "1 - 2; return 1",
        "1 << 2; return 1",
        "1 >> 2; return 1",
        "1 >>> 2; return 1",
        "1 & 2; return 1",
        "1 ^ 2; return 1",
        "1 | 2; return 1",
        "params.n > 2 && true; return 1",
        "params.n > 2 || true; return 1",
        "params.n < 2; return 1",
        "params.n <= 2; return 1",
        "params.n > 2; return 1",
        "params.n >= 2; return 1",
        "params.n == 2; return 1",
        "params.n != 2; return 1",
        "params.n === 2; return 1",
        "params.n !== 2; return 1",
        "params.text =~ /a/; return 1",
        "params.text ==~ /a/; return 1"
    );
}
