//! The languages whose stemmers are rules of their own: Bengali, Brazilian, Dutch by Kraaij and Pohlmann, Galician, German by
//! Caumanns, Greek, Portuguese by RSLP. Words are chosen so that rules meet.

use crate::cases::{Setup, asks};

#[test]
fn the_stemmer_galician() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "stemmer", "language": "galician"}],
            "text": "cadeliños camións animais posibelmente cantarán cantaban rapazas homazo xentuza luces leises traballadores mellores felizmente abrazos casas Ássei clarinete õacracia físicaón ballestrinque nãáncora hãáóf üõçêsalangana ñúzócolo iqista Üascosporau elseránrj regazo íñq ñqíõicia éúqbilísimo ijiríachareta bxxoves vgürñóâvenoso âvíbora cqogmelaloide imenteido avoaverista ãmedines prede fassen õpatamela ñmonótonadi Ñõrolete hggarnachaume oãíei áviroso aprapaza xáêgavela gdracia jtlichogabeta âstómbola õcariño nxromaxe gàastra ezáfrasqueta Deéxã ítplfamazo gfamazo vpetón üconduza óaríamo anajtúi êciclónil xoâido bêflanela oiãmadroa gabexo móduvidair vitar àçdhquinona âapesadelo breque hrhécarazo bdengue"
        }
    );
}

#[test]
fn the_stemmer_minimal_galician() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "stemmer", "language": "minimal_galician"}],
            "text": "cadeliños camións animais posibelmente cantarán cantaban rapazas homazo xentuza luces leises traballadores mellores felizmente abrazos casas rârmacramés nfrancês üulondres hégreves nñfbqéis àtises ómas dçbaleares ademais âtxes Uvlicióníupçs hllanes gendoáis jles ademaistáis Jxóllanes ourelas únupcias sensormolucas beafuratapóns ímolucas kinguis senegales néescocês píldorapsoas óluns ããs ejbces Ñgabonés rvenres õreves spncantonês scrvenres ihêmedines mais opaís uqêns ínápoles ses cáceres ñeokinguis Petres âns vñifcantones übtas gághéis bgeñhnàs qéís recúinmférias üaivmarselles qmartes níscais ñmicenas desedes ões iñurardjães êámenfis lãuqúfss uxons lmenfis"
        }
    );
}

#[test]
fn the_stemmer_minimal_portuguese() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "stemmer", "language": "minimal_portuguese"}],
            "text": "bons balões capitães normais papéis amáveis lençóis barris males mares casas felizmente chefona vilã professora americana sozinha inglesa famosa maníaca prática mantida cansadíssimo amabilíssimo gostaríamos cantaremos partiria existencialista contagem zpglápis aencialcrúcis Les lnbguemdepois Uudfériasmães Dóaciamoisés dhmães enuclearambas itizaçles mhgddepois múxncrúcis iíiríeicais iuinhoães Oassemambos tticores ãóüdepois rgradoárvores hifdleis les qacais oréólápis vúzómenos âhárvores ãàüêbiquínis âñíramoães gbuêdois máílres mmães jjlápis vzvçjegues Ímenos bilres amoisés ejbárvores bqéfezes Üjinalles iicñcrúcis ümessias Após ñleitorns fês txñões zhcsmais szfõs âlampiãocais oddcjeis jlápis Bâühães âcrúcis zóférias zarrãocais bcais áâscavamírês çéqns usisões ãüs updbampêsames fconvés bútraçãoeis vááramomoisés"
        }
    );
}

#[test]
fn the_stemmer_portuguese_rslp() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "stemmer", "language": "portuguese_rslp"}],
            "text": "bons balões capitães normais papéis amáveis lençóis barris males mares casas felizmente chefona vilã professora americana sozinha inglesa famosa maníaca prática mantida cansadíssimo amabilíssimo gostaríamos cantaremos partiria existencialista contagem íasumesa ocêssei üoel rlêir qãíntimopesa êõdposailesa Ãaear iàbaço vsgâerabil gxéúchantagem qlqiufeição Ló ârnbil dudmaratona süera sçqgue hlúê ãóoriafogão hçísqsídü õó laelogiam Êiste igqñduvido xoriente nfogãoestatal ñmacacãouxdês bfuracão úfirmamento heclesiástico ódmoisésiona saço Túâr jxzpno zóh êionar fiqueimo Çidêntico voupoeira animalileitor ãvisualules gxdñc úalésimo ípossante ñledouro ààoravam mambulânciae êdoméstico emfacia hivão nfõolivaesse bãadiante vlimão morganizaçrüb niõpêsames cñvújf coõqo ázão mpires fçpassivoã sgigante"
        }
    );
}

#[test]
fn the_stemmer_brazilian() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "stemmer", "language": "brazilian"}],
            "text": "corações felicidade amavelmente trabalhadores cantássemos partirão brasileiras meninas árvores igualdade nações psicologia psicologias madeira madeiras série aüasu qmá Aélãestes õççõadosira giâlereis xjéná zàarieisucion aeriaàó úélogares uismoiriramos írareis õdiaseza tbàiste hoisses ãiassem üçauõeamente úerem iddistasir épíermosaâúça bistes âóüaremos oara ââfüemçente bçvvópirei tãvneras leíaramos qencias oãnosamos çdo úshé ééóador íâerem Rltâvâúh lferem mêêeeremoslog imentosiaste ggadas ugososica oerem zxais cnadcie ejâadorasaste fàmééarao irieis õçmüs uimentos vàierasara xbçira rúido àqúessem âirei auerao páúõeiiremos züàlêõé qlogias araoavamos fpáia solqijéissem ienteados zada"
        }
    );
}

#[test]
fn the_stemmer_greek() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "stemmer", "language": "greek"}],
            "text": "καθεστωτοσ μπαμπαδεσ αλεπουδεσ πολεων παιδια αυτοκινητακια νησιωτικα αγαμε φυγαμε αρχοντασ κρεασ κρεατων φωσ ωραιοτερ μεγαλυτερ αγαπηθηκανε γυναικα ανθρωποσ ανθρωπων τραγουδουσανε ελληνικα οσαστε Χανσκαγιων θοταναγατε ζξσιξαδωτατ ηωουσαν βτατογια υκηπαγημυηθω πολυφφαγια βκαθεστωσ ληεησαναμαλλι σθει σδεαψηκαν ψχρικαμερικαν μφορουσ αταμερικαν νσυνθεται ζχφο εαχαρκρεασ κθζμγησεσ ψπθαμε δωηθηκαμε ληγησετε μληγιων νιυτερ διομαστε βωηξσφψησουνε ζβδπανταχαν ζτεχββασ κομουνα κλιβανε υγδουδων αζιου μτερατοσ χληησολογιων ιψφιεμαστε πκαλλινφι τηξκαθεστωτων χφουν χααπερι λησου ψωρφω υδιατησαν μπανταχπρο αηκατεηθηκα αμιπη νυμωεστε λθψσηκατε χτχμαοω αμερικαν νθτβθθησαν θλγεγονοτοσ μχεδευτερευ Ζξχγω ψλρικουφαγια ρεαπλουν μεγλοβιομηχτο δμιλιουμαστε κτερατων ιιεμαστε ομαστανουσε"
        }
    );
}

#[test]
fn the_stemmer_bengali() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "stemmer", "language": "bengali"}],
            "text": "ছেলেগুলো বাড়িতে করিতেছিলাম খেয়েছিলেন মানুষের বইটি করলাম যাবে দেখা ূতি তেনঁফেছিলে পঋলইতে ডঈ়ো্যাঙঘলি লঊগউেছিলেন্যা ঢ়জৄঢষৃইবেিতি িলিের ঠবডবে ৄৌতোগুলো ঁিবা ঙিয়াছিলেনইলে ঢদিয়াছি োভতেন শঅতেদেরকে ধয়তেছেয়ের য়ঠৎযিতেছ ৎবেনিলেন িুছিিতেছিলেন ংেরকে ঁঢ়ফরা থীবি ঝ়ৈঈড়কে ঝঈিয়াছি নবঁ্িতেছিলা োযূএৎঙিয়াছিলি ফিলা ডযনধেদের জীাবািতাম ভইবিিলাম দছেিতেছিলাম ৎৌঢরয়য়েরা িৈচিতেছেিলেন ৈৈী ্য়েদেরত ঊহতেিতেছিলা িতেছা ূা্ৗতাম ৃেনলামিতেছা ৈঝটঢ়িতেছিলেন ঈেএলাম ঋগছি ফেটগুলো ড়িতেছািলা ঁহঌঝছি লওিতেন ঔইৄওইতে ুতে ঌঢ়ঔজতে ীিতেছি মটা ়ঊৃহআছিলিক্ি ুকিয়াছিলাম ৎণৌনইবিছিলাম উডিতাম ৈিঢ়া ্ঞঅব াঋেরাবা ঊেদেরকে ঋথঢ়ছইতেছিলেন টঌ্যা"
        }
    );
}

#[test]
fn the_stemmer_dutch_kp() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "stemmer", "language": "dutch_kp"}],
            "text": "gevangen gevangenis gefeliciteerd gesloten geloof geven gegeven gezegd gewoon gewoonlijk gebouw gebouwen gedachte gedachten geheim gehoorzaam gekke gelukkig geluk gemeente gemeenten genieten gering gesprek gesprekken getal gevoel gevoelens gevolg geweest gewerkt gezellig gezicht mogelijkheid mogelijkheden werkzaamheden huizen huis boeken boekje bloempje koninkje wandeling wandelingen schoonheid vrijheden dagelijks natuurlijk lopen loopt liep vergeten begrijpen onderwijs opgegeten aangekomen meegenomen afgelopen fietsen kinderen kind eieren lichamelijk lichaam brieven brief dieven lezen leest gelezen achtige rode rood witte wit zee zeeën ideeën reünie café cafés financiële geïnteresseerd coördinatie ruïne weeïg bakker bakkers werkloze werkloos afhankelijkheid eenzaamheid regering organisatie nationaliteit universiteiten actieve actief"
        }
    );
}

#[test]
fn the_stemmer_kp() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "stemmer", "language": "kp"}],
            "text": "gevangen gevangenis gefeliciteerd gesloten geloof geven gegeven gezegd"
        }
    );
}

#[test]
fn snowball_by_its_name_kp() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "snowball", "language": "Kp"}],
            "text": "mogelijkheden café gelezen"
        }
    );
}

#[test]
fn brazilian_stem() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": ["brazilian_stem"],
            "text": "corações felicidade amavelmente trabalhadores cantássemos partirão brasileiras meninas árvores igualdade nações psicologia psicologias madeira madeiras série çesivel çíu azouia csió Êéodaveisarei idaia rzberamosisse vâüoismo íceerieis voavas têica nesteirem Eicos róerieis vdoúareis vóado àãâjb smaareisiram ías eopieisasses púmnõadas féé çãbãadoridos ufireiüeste iaveisas ióúasseisirei hzuiareisivel pçente hhjvxúear óíaá"
        }
    );
}

#[test]
fn brazilian_stem_leaves_words_alone() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "brazilian_stem", "stem_exclusion": ["meninas"]}],
            "text": "corações felicidade amavelmente trabalhadores cantássemos partirão brasileiras meninas árvores igualdade nações psicologia psicologias madeira madeiras série"
        }
    );
}

#[test]
fn german_stem() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": ["german_stem"],
            "text": "Häuser Bücher Matrizen Lehrerinnen laufend schönsten umgegeben Straße Schuhe gehst Kindern lustig ging wissen übössn zhzs ücüe ühung Lnsst Wsfßn hirßiger däs liöe ästäosinerinn rleüä ölndz haßöerinn gegegch Kholö dskn zibö rdwtsö ungege oeileö uiäwndü baüs eüeö sdödgege äcrö kice ämzs dücumgegeben ööw eßß"
        }
    );
}

#[test]
fn german_stem_leaves_words_alone() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "german_stem", "stem_exclusion": ["Kindern"]}],
            "text": "Häuser Bücher Matrizen Lehrerinnen laufend schönsten umgegeben Straße Schuhe gehst Kindern lustig ging wissen übössn zhzs"
        }
    );
}

#[test]
fn dutch_stem() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": ["dutch_stem"],
            "text": "lopen lopende huizen lichamelijk gezien mogelijkheden kinderen"
        }
    );
}

#[test]
fn dutch_stem_leaves_words_alone() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "dutch_stem", "stem_exclusion": ["lopen"]}],
            "text": "lopen lopende huizen lichamelijk gezien mogelijkheden kinderen"
        }
    );
}

#[test]
fn french_stem() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": ["french_stem"],
            "text": "chevaux continuellement majestueuses nationalité finissons amies"
        }
    );
}

#[test]
fn french_stem_leaves_words_alone() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": [{"type": "french_stem", "stem_exclusion": ["chevaux"]}],
            "text": "chevaux continuellement majestueuses nationalité finissons amies"
        }
    );
}

#[test]
fn bengali_normalization() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "whitespace",
            "filter": ["bengali_normalization"],
            "text": "ছেলেগুলো বাড়িতে করিতেছিলাম খেয়েছিলেন মানুষের বইটি করলাম যাবে দেখা চাঁদ নদী ক্ষমা বিদ্যা বিশ্ব লক্ষ্মী দুঃখ বাঃ অতঃ শাষক ঋণ পাহাড় আষাঢ় উৎসব অঙ্ক ঢ়ভইগুলো র্লৎযইতিছি ড়টাঁ মউচণও কঐলশইলেেছিলা ৗ্যা ুৈয়োণিয়াছিলেন ীশ্্দেরকে ষযিতেছিসদের ৎতেন ঈৗশেছিলা ঠধষটতেনছা ৈিতেছএষঙ েশ নঽৃও্ব চইষছিলেন ঢ়য়পিয়াছে্ ণুক ক্ি ভঁিয়াছেন েৈনণ্ব মখঙঋনি ভিছরিতেন্য ওণিতেছিলামলাম ঋৈৗথএঃক্ি ়ষিতেছেনপঈিলে ইসগখঙ াশয়েদেরকে ফঠৈয়েদেরকেঈঢ়ৄ ঢীঐঅছে ংছিলিকঁ ইবীছেইয়াছিলেন ৗেরঁ ষঈেছিলেনিয়াছি ছৎখছিলি ষঢরৌেছিলাটসেন শেআৎইতেইবে ঃঋডএরা ষিলিয়ঁু লএঃেছিলা ংঌৗ্যের বঝষগুলি ঢ়তামেছিলে ঽহষইলা ংআস্ূঅয়ক যষতণিতেছে ্যিয়াছেন চশরড়্ ণলেনিবে ওরসঢ্বিয়াছা"
        }
    );
}

#[test]
fn the_analyzer_bengali() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "analyzer": "bengali",
            "text": "আমি বাড়িতে যাইতেছিলাম এবং ছেলেগুলো ১২৩ টি বই পড়ছিল"
        }
    );
}

#[test]
fn the_analyzer_brazilian() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "analyzer": "brazilian",
            "text": "Os meninos e as meninas cantavam nas praças das cidades brasileiras com 3 amigos"
        }
    );
}

#[test]
fn the_analyzer_galician() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "analyzer": "galician",
            "text": "Os rapaces e as rapazas cantaban cancións nas prazas das cidades galegas con 3 amigos"
        }
    );
}

#[test]
fn the_analyzer_greek() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "analyzer": "greek",
            "text": "Οι ΆΝΘΡΩΠΟΙ και τα παιδιά τραγουδούσανε στις πλατείες της πόλης με 3 φίλους"
        }
    );
}

#[test]
fn analyzers_of_languages_take_words_of_their_own() {
    asks!(
        Setup::index("a", serde_json::json!({
            "settings": {
                "analysis": {
                    "analyzer": {
                        "own_bengali": {
                            "type": "bengali",
                            "stopwords": [
                                "বাড়িতে"
                            ],
                            "stem_exclusion": [
                                "ছেলেগুলো"
                            ]
                        },
                        "own_brazilian": {
                            "type": "brazilian",
                            "stopwords": [
                                "meninos"
                            ],
                            "stem_exclusion": [
                                "meninas"
                            ]
                        },
                        "own_galician": {
                            "type": "galician",
                            "stopwords": [
                                "rapaces"
                            ],
                            "stem_exclusion": [
                                "rapazas"
                            ]
                        },
                        "own_greek": {
                            "type": "greek",
                            "stopwords": [
                                "ΆΝΘΡΩΠΟΙ"
                            ]
                        }
                    }
                }
            }
        }), serde_json::json!([])),
        "POST /a/_analyze" => {"analyzer": "own_bengali", "text": "আমি বাড়িতে যাইতেছিলাম এবং ছেলেগুলো ১২৩ টি বই পড়ছিল"},
        "POST /a/_analyze" => {"analyzer": "own_brazilian", "text": "Os meninos e as meninas cantavam nas praças das cidades brasileiras com 3 amigos"},
        "POST /a/_analyze" => {"analyzer": "own_galician", "text": "Os rapaces e as rapazas cantaban cancións nas prazas das cidades galegas con 3 amigos"},
        "POST /a/_analyze" => {"analyzer": "own_greek", "text": "Οι ΆΝΘΡΩΠΟΙ και τα παιδιά τραγουδούσανε στις πλατείες της πόλης με 3 φίλους"}
    );
}

#[test]
fn type_as_payload() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {
            "tokenizer": "standard",
            "filter": ["type_as_payload"],
            "explain": true,
            "attributes": ["payload"],
            "text": "a 1 日本"
        }
    );
}

#[test]
fn type_as_payload_is_read_by_termvectors() {
    asks!(
        Setup::index(
            "a",
            serde_json::json!({
                "settings": {"analysis": {"analyzer": {"typed": {"tokenizer": "standard", "filter": ["type_as_payload"]}}}},
                "mappings": {"properties": {"t": {"type": "text", "analyzer": "typed", "term_vector": "with_positions_payloads"}}}
            }),
            serde_json::json!([{"t": "a 1"}])
        ),
        "GET /a/_termvectors/0?fields=t&field_statistics=false&payloads=true"
    );
}

#[test]
fn the_analyzer_thai() {
    asks!(
        Setup::nothing(),
        "POST /_analyze" => {"analyzer": "thai", "text": "การที่ได้ต้องแสดงว่างานดี The ๕๖ บาท"}
    );
}

#[test]
fn the_analyzer_thai_with_stop_words_of_its_own() {
    asks!(
        Setup::index(
            "a",
            serde_json::json!({"settings": {"analysis": {"analyzer": {"own": {"type": "thai", "stopwords": ["งาน"]}}}}}),
            serde_json::json!([])
        ),
        "POST /a/_analyze" => {"analyzer": "own", "text": "การที่ได้ต้องแสดงว่างานดี"}
    );
}
