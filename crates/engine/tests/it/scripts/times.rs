//! Dates and times in scripts.

use super::gives;

#[test]
fn moments_are_read_and_printed() {
    gives!(
        "return ZonedDateTime.parse('2020-01-02T03:04:05Z')",
        "return ZonedDateTime.parse('2020-01-02T03:04:05.123456+02:00')",
        "return ZonedDateTime.parse('2020-01-02T03:04:00Z').toString()",
        "return Instant.parse('2020-01-02T03:04:05.1Z')",
        "return Instant.ofEpochMilli(1577934245123L)",
        "return LocalDate.of(2020, 2, 29)",
        "return LocalDateTime.of(2020, 1, 2, 3, 4)",
        "return LocalTime.parse('03:04')",
        "return LocalDate.parse('2020-03-01').getDayOfYear()",
        "return ZonedDateTime.of(2020, 6, 1, 12, 0, 0, 0, ZoneId.of('Europe/Paris'))",
        "return ZonedDateTime.ofInstant(Instant.ofEpochMilli(0), ZoneId.of('America/New_York'))",
        "return ZonedDateTime.parse('2020-01-02T03:04:05Z').toInstant().toEpochMilli()",
        "return Instant.ofEpochSecond(5).getEpochSecond()"
    );
}

#[test]
fn dates_tell_their_parts() {
    gives!(
        "def d = ZonedDateTime.parse('2020-01-02T03:04:05Z'); return d.getYear() + '/' + d.getMonthValue() + '/' + d.dayOfMonth + ' ' + d.hour + ':' + d.minute + ':' + d.second",
        "return ZonedDateTime.parse('2020-01-02T03:04:05Z').getDayOfWeek()",
        "return ZonedDateTime.parse('2020-01-02T03:04:05Z').getMonth()",
        "return ZonedDateTime.parse('2020-01-02T03:04:05Z').dayOfWeek.value",
        "return LocalDate.of(2020, 2, 1).lengthOfMonth()",
        "return LocalDate.of(2020, 1, 1).isLeapYear()",
        "return LocalDate.of(2020, 1, 5).dayOfWeek.getDisplayName(TextStyle.SHORT, Locale.ENGLISH)",
        "return LocalDate.of(2020, 1, 1).get(ChronoField.DAY_OF_WEEK)",
        "return DayOfWeek.MONDAY.plus(8)",
        "return Month.of(3)"
    );
}

#[test]
fn dates_are_moved_and_compared() {
    gives!(
        "return ZonedDateTime.parse('2020-01-31T00:00:00Z').plusMonths(1)",
        "return LocalDate.of(2020, 1, 31).plusDays(30)",
        "return ZonedDateTime.parse('2020-01-02T03:04:05Z').minus(2, ChronoUnit.HOURS)",
        "return LocalDate.of(2020, 1, 1).withDayOfMonth(15).withMonth(2)",
        "return ZonedDateTime.parse('2020-01-02T03:04:05Z').truncatedTo(ChronoUnit.HOURS)",
        "return LocalDate.of(2020, 1, 1).isBefore(LocalDate.of(2020, 1, 2))",
        "return ChronoUnit.DAYS.between(LocalDate.of(2020, 1, 1), LocalDate.of(2020, 3, 1))",
        "return ChronoUnit.MONTHS.between(LocalDate.of(2020, 1, 31), LocalDate.of(2020, 3, 1))",
        "return ChronoUnit.HOURS.between(ZonedDateTime.parse('2020-01-01T00:00:00Z'), ZonedDateTime.parse('2020-01-02T01:30:00Z'))",
        "return Duration.between(Instant.ofEpochMilli(0), Instant.ofEpochMilli(90061001))",
        "return Duration.ofMinutes(90).toHours()",
        "return Period.between(LocalDate.of(2020, 1, 15), LocalDate.of(2021, 3, 20))",
        "return LocalDate.of(2020, 1, 1).with(TemporalAdjusters.lastDayOfMonth())",
        "return ZonedDateTime.parse('2020-06-01T12:00:00Z').withZoneSameInstant(ZoneId.of('Asia/Tokyo'))",
        "return LocalDate.of(2020, 1, 1).atStartOfDay()",
        "return LocalDate.of(2020, 1, 1).compareTo(LocalDate.of(2020, 1, 1))"
    );
}

#[test]
fn dates_are_written_by_patterns() {
    gives!(
        "return ZonedDateTime.parse('2020-01-02T15:04:05.678Z').format(DateTimeFormatter.ofPattern('yyyy-MM-dd HH:mm:ss.SSS'))",
        "return DateTimeFormatter.ofPattern('EEE, d MMM yy h:mm a').withLocale(Locale.ENGLISH).format(ZonedDateTime.parse('2020-01-02T15:04:05Z'))",
        "return LocalDate.parse('02/03/2020', DateTimeFormatter.ofPattern('dd/MM/yyyy'))",
        "return ZonedDateTime.parse('2020-01-02T15:04:05+02:00').format(DateTimeFormatter.ISO_OFFSET_DATE_TIME)",
        "return LocalDate.of(2020, 1, 2).format(DateTimeFormatter.ISO_LOCAL_DATE)",
        "return LocalDate.of(2020, 1, 2).format(DateTimeFormatter.BASIC_ISO_DATE)",
        "return LocalDateTime.parse('2020-01-02 03:04', DateTimeFormatter.ofPattern('yyyy-MM-dd HH:mm'))"
    );
}
