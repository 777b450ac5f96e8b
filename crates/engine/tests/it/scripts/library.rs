//! What Java's classes do in scripts.

use super::gives;

#[test]
fn strings_do_what_javas_do() {
    gives!(
        "return 'Hello'.substring(1, 3)",
        "return 'Hello'.substring(2)",
        "return 'Hello'.indexOf('l')",
        "return 'Hello'.lastIndexOf('l')",
        "return 'Hello'.charAt(1)",
        "return 'Hello'.contains('ell')",
        "return 'a,b,,c,,'.splitOnToken(',').length",
        "return 'a-b'.replace('-', '+')",
        "return ' x '.trim()",
        "return 'Hello'.toUpperCase() + 'ABC'.toLowerCase()",
        "return 'abc'.compareTo('abd')",
        "return 'a'.concat('b')",
        "return 'Hello'.startsWith('He') && 'Hello'.endsWith('lo')",
        "return 'x'.hashCode()",
        "return 'Hello'.hashCode()",
        "return 'AbC'.equalsIgnoreCase('aBc')",
        "return ''.isEmpty()",
        "return 'häß'.length()",
        "return 'héllo'.substring(1, 2)",
        "return String.join('-', ['a', 'b'])",
        "return String.valueOf(5.0)",
        "return 'abc'.toCharArray().length",
        "return 'dGVzdA=='.decodeBase64()",
        "return 'test'.encodeBase64()",
        "return 'abc'.indexOf('c', 1)"
    );
}

#[test]
fn formats_are_filled_in_as_javas() {
    gives!(
        "return String.format('%05d|%.2f|%s|%x|%-5s|%5s|%,d', new def[] {42, 1.255, 'a', 255, 'b', 'c', 1234567})",
        "return String.format('%d%%|%b|%c|%e|%+d|%08.3f', new def[] {5, true, (char)'z', 12345.678, 5, 3.14159})",
        "return String.format('%2$s %1$s', new def[] {'a', 'b'})",
        "return String.format(Locale.ROOT, '%.1f', new def[] {0.25})",
        "return String.format('%s %s', new def[] {null, [1, 2]})"
    );
}

#[test]
fn lists_do_what_javas_do() {
    gives!(
        "def l = [1, 2, 3]; l.add(4); l.add(0, 9); return l",
        "def l = [1, 2, 3]; return l.remove(1) + ':' + l",
        "return [1, 2, 3].contains(2)",
        "return [1, 2, 2].indexOf(2) + ':' + [1, 2, 2].lastIndexOf(2)",
        "def l = new ArrayList([1, 2]); l.addAll([3, 4]); return l.size()",
        "return [1, 2, 3, 4].subList(1, 3)",
        "def l = [1, 2, 3]; l.set(1, 'x'); l.clear(); return l.isEmpty()",
        "return [[1], [2]].get(1).get(0)",
        "def l = [3, 1, 2]; Collections.sort(l); return l",
        "def l = [3, 1, 2]; Collections.reverse(l); return l",
        "return Collections.max([3, 1, 2]) + ':' + Collections.min([3, 1, 2])",
        "return [1, 2, 3].length",
        "def l = [1, 2, 3, 2]; l.removeAll([2]); return l",
        "def l = [1, 2, 3]; l.retainAll([2, 3]); return l",
        "def q = new ArrayDeque(); q.addLast(1); q.addFirst(0); return q.pollFirst()",
        "def i = [1, 2].iterator(); int s = 0; while (i.hasNext()) { s += i.next() } return s",
        "return Arrays.asList(new def[] {1, 2})",
        "return [1, 2].hashCode()",
        "return new int[] {1, 2, 3}.length"
    );
}

#[test]
fn maps_tell_their_entries_in_javas_order() {
    gives!(
        "return ['zeta': 1, 'b': 2, 'alpha': 3, 'q': 4]",
        "def m = new TreeMap(); m.put('b', 1); m.put('a', 2); return m",
        "def m = new LinkedHashMap(); m.put('z', 1); m.put('a', 2); return m",
        "def m = [:]; for (int i = 0; i < 20; i++) { m.put('key' + i, i) } return m",
        "def s = new HashSet(); s.add('zeta'); s.add(3); s.add(1L); return s",
        "def m = new HashMap(); for (int i = 30; i > 0; i -= 3) { m[i] = i } return m.keySet()",
        "return new TreeSet([3, 1, 2])",
        "return params.map",
        "return [1: 'a', 2.5: 'b', true: 'c']"
    );
}

#[test]
fn maps_do_what_javas_do() {
    gives!(
        "return ['a': 1].getOrDefault('b', 5)",
        "def m = ['a': 1]; m.putIfAbsent('a', 2); m.putIfAbsent('b', 3); return m",
        "def m = ['a': 1]; return m.remove('a') + ':' + m.size()",
        "return ['a': 1].containsKey('a') && ['a': 1].containsValue(1)",
        "def m = ['a': 1]; m.merge('a', 5, (x, y) -> x + y); m.merge('b', 7, (x, y) -> x + y); return m",
        "def m = ['a': 1]; m.compute('a', (k, v) -> v * 10); m.computeIfPresent('z', (k, v) -> 1); return m",
        "def m = ['a': 1, 'b': 2]; m.entrySet().removeIf(e -> e.value > 1); return m",
        "def m = ['a': 1, 'b': 2]; m.values().removeIf(v -> v > 1); return m",
        "def m = ['a': 1, 'b': 2]; m.keySet().remove('a'); return m",
        "String s = ''; for (e in ['a': 1].entrySet()) { s += e.getKey() + e.getValue() } return s",
        "return ['a': 1].foo",
        "def m = ['a': 1]; m.b = 2; return m.b",
        "return ['b': 1, 'a': 2].entrySet().stream().sorted(Map.Entry.comparingByKey()).map(e -> e.getKey()).collect(Collectors.toList())",
        "return ['a': 1, 'b': 2].findAll((k, v) -> v > 1)",
        "return ['a': 1, 'b': 2].every((k, v) -> v > 0)"
    );
}

#[test]
fn streams_do_what_javas_do() {
    gives!(
        "return [1, 2, 3, 4].stream().filter(x -> x % 2 == 0).map(x -> x * x).collect(Collectors.toList())",
        "return [1, 2, 3].stream().mapToInt(x -> x).sum()",
        "return [1, 2, 3].stream().mapToDouble(x -> x).average().getAsDouble()",
        "return ['a', 'b'].stream().collect(Collectors.joining(', ', '[', ']'))",
        "return [3, 1, 2].stream().sorted().findFirst()",
        "return [3, 1, 2].stream().sorted(Comparator.reverseOrder()).collect(Collectors.toList())",
        "return [1, 2, 3].stream().reduce(0, (a, b) -> a + b)",
        "return [1, 2, 3].stream().max(Comparator.naturalOrder()).get()",
        "return ['a', 'bb', 'cc'].stream().collect(Collectors.groupingBy(x -> x.length()))",
        "return ['a', 'bb', 'cc'].stream().collect(Collectors.groupingBy(String::length, Collectors.counting()))",
        "return ['a', 'bb'].stream().collect(Collectors.toMap(x -> x, x -> x.length()))",
        "return [1, 1, 2].stream().distinct().count()",
        "return IntStream.range(0, 5).sum()",
        "return IntStream.rangeClosed(1, 3).boxed().collect(Collectors.toList())",
        "return [1, 2, 3].stream().anyMatch(x -> x > 2) && [1].stream().allMatch(x -> x == 1) && [1].stream().noneMatch(x -> x == 2)",
        "return [[1, 2], [3]].stream().flatMap(x -> x.stream()).collect(Collectors.toList())",
        "return [1, 2, 3, 4].stream().skip(1).limit(2).collect(Collectors.toList())",
        "return 'Hello'.chars().filter(c -> c > 100).count()",
        "return [1, 2, 3].stream().collect(Collectors.averagingInt(x -> x))",
        "return [1, 2, 3].stream().collect(Collectors.partitioningBy(x -> x > 1))",
        "return ['bb', 'a'].stream().sorted(Comparator.comparing(x -> x.length())).collect(Collectors.toList())",
        "return [1, 2, 3].stream().mapToInt(x -> x).summaryStatistics()",
        "return Optional.empty().orElse(5)",
        "return [1, 2].sum()",
        "return ['a', 'b'].join('-')",
        "return [1, 2, 3].find(x -> x > 1)",
        "return [1, 2, 3].findAll(x -> x > 1)",
        "return ['a', 'bb'].groupBy(x -> x.length())",
        "return [1, 2].collect(x -> x + 1)",
        "return [1, 2].any(x -> x == 2)"
    );
}

#[test]
fn numbers_do_what_javas_do() {
    gives!(
        "return Math.max(1, 2)",
        "return Math.abs(-5)",
        "return Math.round(2.5)",
        "return Math.round(-2.5)",
        "return Math.floor(-1.5)",
        "return Math.pow(2, 10)",
        "return Math.sqrt(2)",
        "return Math.log10(1000)",
        "return Math.log(Math.E)",
        "return Math.PI",
        "return Math.ceil(1.2)",
        "return Math.rint(2.5)",
        "return Math.cbrt(27)",
        "return Math.hypot(3, 4)",
        "return Math.signum(-3.5)",
        "return Integer.parseInt('-12') + Long.parseLong('5')",
        "return Double.parseDouble('1e3')",
        "return Integer.toHexString(-1)",
        "return Integer.toBinaryString(10)",
        "return Long.valueOf(5)",
        "return Boolean.parseBoolean('TRUE')",
        "return Integer.compare(1, 2)",
        "return Double.compare(1.5, 0.5)",
        "return 1.5.intValue()",
        "return 3.7.longValue()",
        "return Double.isNaN(0.0 / 0)",
        "return Integer.MAX_VALUE + ':' + Long.MIN_VALUE + ':' + Double.MAX_VALUE",
        "return 1.5.hashCode()",
        "return 5L.hashCode()",
        "return Character.isDigit((char)'5') && Character.isLetter((char)'a')",
        "return Character.toUpperCase((char)'a')",
        "return Integer.parseInt('ff', 16)",
        "return 1.0.toString()",
        "return Integer.toString(255, 16)"
    );
}

#[test]
fn regular_expressions_find_and_replace() {
    gives!(
        "return 'foo' ==~ /fo*/",
        "return 'xfoox' =~ /fo+/",
        "return /a/.matcher('banana').replaceAll('o')",
        "return 'banana'.replaceAll(/a(n)?/, m -> m.group().toUpperCase())",
        "return 'banana'.replaceFirst(/an/, m -> '<' + m.group() + '>')",
        "def m = /(b)(a)/.matcher('xba'); return m.find() ? m.group(1) + m.start() + m.end(2) : 'none'",
        "def m = /(\\d+)-(\\d+)/.matcher('10-20'); return m.matches() ? m.group(2) : 'none'",
        "return /,/.split('a,b,c').length",
        "return 'ABC' ==~ /abc/i",
        "def m = /a/.matcher('aaa'); int n = 0; while (m.find()) { n++ } return n",
        "def m = /(a)|(b)/.matcher('b'); m.find(); return m.group(1)",
        "return /a|ab/.matcher('ab').matches()"
    );
}

#[test]
fn builders_grow() {
    gives!(
        "def b = new StringBuilder(); b.append(1).append('x').append(2.5).append((char)'c'); return b.toString()",
        "def b = new StringBuilder('abc'); b.insert(1, 'X').reverse(); return b.toString() + b.length()",
        "def b = new StringBuilder('abcdef'); b.delete(1, 3); b.deleteCharAt(0); b.setLength(2); return b.toString()",
        "def j = new StringJoiner(',', '<', '>'); j.add('a').add('b'); return j.toString()",
        "def r = new Random(42); return r.nextInt(100) + ':' + r.nextInt() + ':' + r.nextDouble() + ':' + r.nextBoolean()",
        "return Objects.equals(null, null) + ':' + Objects.hashCode('a')",
        "return UUID.fromString('123e4567-e89b-12d3-a456-426614174000')"
    );
}

#[test]
fn a_string_tokenizer_reads_tokens() {
    gives!(
        "return new StringTokenizer('a.b..c', '.').countTokens()",
        "def t = new StringTokenizer(' a  b c '); def l = []; while (t.hasMoreTokens()) { l.add(t.nextToken()) } return l",
        "def t = new StringTokenizer('a,b;c', ',', true); def l = []; while (t.hasMoreElements()) { l.add(t.nextElement()) } return l",
        "def t = new StringTokenizer('a,b;c', ','); return [t.nextToken(), t.nextToken(';'), t.hasMoreTokens(), t.countTokens()]",
        "def t = new StringTokenizer('a,b;c;d', ';,', true); return [t.countTokens(), t.nextToken(), t.countTokens(), t.nextToken('b'), t.nextToken(), t.countTokens(), t.nextToken()]",
        "def t = new StringTokenizer('a,b;c;d'); t.nextToken(','); return t.nextToken('c')",
        "return new StringTokenizer('').nextToken()",
        "return new StringTokenizer('').hasMoreTokens()",
        "return new StringTokenizer('a,b', null).countTokens()",
        "StringTokenizer t = new StringTokenizer('10.0.0.1', '.'); return Integer.parseInt(t.nextToken()) + 1"
    );
}
