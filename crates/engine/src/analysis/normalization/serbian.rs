//! Serbian.

/// `serbian_normalization`: Latin letters without marks for Cyrillic ones.
pub(in crate::analysis) fn serbian(letters: &mut Vec<char>) {
    let mut made = Vec::with_capacity(letters.len());
    for letter in letters.iter() {
        let written = match letter {
            'а' => "a",
            'б' => "b",
            'в' => "v",
            'г' => "g",
            'д' => "d",
            'ђ' | 'đ' => "dj",
            'е' => "e",
            'ж' | 'з' | 'ž' => "z",
            'и' => "i",
            'ј' => "j",
            'к' => "k",
            'л' => "l",
            'љ' => "lj",
            'м' => "m",
            'н' => "n",
            'њ' => "nj",
            'о' => "o",
            'п' => "p",
            'р' => "r",
            'с' | 'ш' | 'š' => "s",
            'т' => "t",
            'ћ' | 'ц' | 'ч' | 'č' | 'ć' => "c",
            'у' => "u",
            'ф' => "f",
            'х' => "h",
            'џ' => "dz",
            other => {
                made.push(*other);
                continue;
            }
        };
        made.extend(written.chars());
    }
    *letters = made;
}
