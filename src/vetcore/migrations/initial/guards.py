"""The triggers, virtual tables and generated columns of revision 0001."""

# ruff: noqa: RUF001 -- letters that look alike are folded each into its own

from collections.abc import Mapping

__all__ = ["POSTGRESQL", "SQLITE"]

SQLITE: Mapping[str, str] = {
    "clinic_positions": """\
CREATE VIRTUAL TABLE clinic_positions USING rtree(id, x0, x1, y0, y1, z0, z1, +clinic_id)""",
    "clinic_positions_insert": """\
CREATE TRIGGER clinic_positions_insert AFTER INSERT ON clinics
BEGIN
    INSERT INTO clinic_positions (x0, x1, y0, y1, z0, z1, clinic_id)
    SELECT x, x, y, y, z, z, NEW.id FROM (SELECT (6378137.0 / sqrt(1.0 - 0.00669437999014 * sin(radians(NEW.latitude)) * sin(radians(NEW.latitude)))) * cos(radians(NEW.latitude)) * cos(radians(NEW.longitude)) AS x, (6378137.0 / sqrt(1.0 - 0.00669437999014 * sin(radians(NEW.latitude)) * sin(radians(NEW.latitude)))) * cos(radians(NEW.latitude)) * sin(radians(NEW.longitude)) AS y, (6378137.0 / sqrt(1.0 - 0.00669437999014 * sin(radians(NEW.latitude)) * sin(radians(NEW.latitude)))) * 0.99330562000986 * sin(radians(NEW.latitude)) AS z)
    WHERE NEW.latitude IS NOT NULL;
END""",
    "clinic_positions_update": """\
CREATE TRIGGER clinic_positions_update AFTER UPDATE OF id, latitude, longitude ON clinics
BEGIN
    DELETE FROM clinic_positions WHERE clinic_id = OLD.id;
    INSERT INTO clinic_positions (x0, x1, y0, y1, z0, z1, clinic_id)
    SELECT x, x, y, y, z, z, NEW.id FROM (SELECT (6378137.0 / sqrt(1.0 - 0.00669437999014 * sin(radians(NEW.latitude)) * sin(radians(NEW.latitude)))) * cos(radians(NEW.latitude)) * cos(radians(NEW.longitude)) AS x, (6378137.0 / sqrt(1.0 - 0.00669437999014 * sin(radians(NEW.latitude)) * sin(radians(NEW.latitude)))) * cos(radians(NEW.latitude)) * sin(radians(NEW.longitude)) AS y, (6378137.0 / sqrt(1.0 - 0.00669437999014 * sin(radians(NEW.latitude)) * sin(radians(NEW.latitude)))) * 0.99330562000986 * sin(radians(NEW.latitude)) AS z)
    WHERE NEW.latitude IS NOT NULL;
END""",
    "clinic_positions_delete": """\
CREATE TRIGGER clinic_positions_delete AFTER DELETE ON clinics
BEGIN
    DELETE FROM clinic_positions WHERE clinic_id = OLD.id;
END""",
    "ex_appointments_insert": """\
CREATE TRIGGER ex_appointments_insert BEFORE INSERT ON appointments
WHEN NEW.status IN ('held', 'scheduled', 'confirmed', 'checked_in', 'in_progress', 'completed') AND NEW.deleted_at IS NULL
BEGIN
    SELECT RAISE(ABORT, 'ex_appointments_veterinarian') WHERE EXISTS (
        SELECT 1 FROM appointments AS other
        WHERE other.veterinarian_id = NEW.veterinarian_id
          AND other.occupied_from >= date(NEW.occupied_from, '-2 days')
          AND other.occupied_from < date(NEW.occupied_until, '+2 days')
          AND julianday(other.occupied_from) < julianday(NEW.occupied_until)
          AND julianday(NEW.occupied_from) < julianday(other.occupied_until)
          AND other.status IN ('held', 'scheduled', 'confirmed', 'checked_in', 'in_progress', 'completed')
          AND other.deleted_at IS NULL
          AND other.id <> NEW.id
    );
    SELECT RAISE(ABORT, 'ex_appointments_room') WHERE EXISTS (
        SELECT 1 FROM appointments AS other
        WHERE other.room_id = NEW.room_id
          AND other.occupied_from >= date(NEW.occupied_from, '-2 days')
          AND other.occupied_from < date(NEW.occupied_until, '+2 days')
          AND julianday(other.occupied_from) < julianday(NEW.occupied_until)
          AND julianday(NEW.occupied_from) < julianday(other.occupied_until)
          AND other.status IN ('held', 'scheduled', 'confirmed', 'checked_in', 'in_progress', 'completed')
          AND other.deleted_at IS NULL
          AND other.id <> NEW.id
    );
    SELECT RAISE(ABORT, 'ex_appointments_pet') WHERE EXISTS (
        SELECT 1 FROM appointments AS other
        WHERE other.pet_id = NEW.pet_id
          AND other.occupied_from >= date(NEW.occupied_from, '-2 days')
          AND other.occupied_from < date(NEW.occupied_until, '+2 days')
          AND julianday(other.occupied_from) < julianday(NEW.occupied_until)
          AND julianday(NEW.occupied_from) < julianday(other.occupied_until)
          AND other.status IN ('held', 'scheduled', 'confirmed', 'checked_in', 'in_progress', 'completed')
          AND other.deleted_at IS NULL
          AND other.id <> NEW.id
    );
END""",
    "ex_appointments_update": """\
CREATE TRIGGER ex_appointments_update BEFORE UPDATE OF veterinarian_id, room_id, pet_id, occupied_from, occupied_until, status, deleted_at ON appointments
WHEN NEW.status IN ('held', 'scheduled', 'confirmed', 'checked_in', 'in_progress', 'completed') AND NEW.deleted_at IS NULL
BEGIN
    SELECT RAISE(ABORT, 'ex_appointments_veterinarian') WHERE EXISTS (
        SELECT 1 FROM appointments AS other
        WHERE other.veterinarian_id = NEW.veterinarian_id
          AND other.occupied_from >= date(NEW.occupied_from, '-2 days')
          AND other.occupied_from < date(NEW.occupied_until, '+2 days')
          AND julianday(other.occupied_from) < julianday(NEW.occupied_until)
          AND julianday(NEW.occupied_from) < julianday(other.occupied_until)
          AND other.status IN ('held', 'scheduled', 'confirmed', 'checked_in', 'in_progress', 'completed')
          AND other.deleted_at IS NULL
          AND other.id <> NEW.id
    );
    SELECT RAISE(ABORT, 'ex_appointments_room') WHERE EXISTS (
        SELECT 1 FROM appointments AS other
        WHERE other.room_id = NEW.room_id
          AND other.occupied_from >= date(NEW.occupied_from, '-2 days')
          AND other.occupied_from < date(NEW.occupied_until, '+2 days')
          AND julianday(other.occupied_from) < julianday(NEW.occupied_until)
          AND julianday(NEW.occupied_from) < julianday(other.occupied_until)
          AND other.status IN ('held', 'scheduled', 'confirmed', 'checked_in', 'in_progress', 'completed')
          AND other.deleted_at IS NULL
          AND other.id <> NEW.id
    );
    SELECT RAISE(ABORT, 'ex_appointments_pet') WHERE EXISTS (
        SELECT 1 FROM appointments AS other
        WHERE other.pet_id = NEW.pet_id
          AND other.occupied_from >= date(NEW.occupied_from, '-2 days')
          AND other.occupied_from < date(NEW.occupied_until, '+2 days')
          AND julianday(other.occupied_from) < julianday(NEW.occupied_until)
          AND julianday(NEW.occupied_from) < julianday(other.occupied_until)
          AND other.status IN ('held', 'scheduled', 'confirmed', 'checked_in', 'in_progress', 'completed')
          AND other.deleted_at IS NULL
          AND other.id <> NEW.id
    );
END""",
    "search_names": """\
CREATE TABLE search_names (
    key INTEGER PRIMARY KEY, kind TEXT NOT NULL, first TEXT NOT NULL,
    rest TEXT NOT NULL, folded TEXT, UNIQUE (kind, first, rest))""",
    "ix_search_names_kind_folded": """\
CREATE INDEX ix_search_names_kind_folded ON search_names (kind, folded)""",
    "search_names_trigrams": """\
CREATE VIRTUAL TABLE search_names_trigrams USING fts5(
    folded, content='', detail='none', columnsize=0, tokenize='trigram')""",
    "search_names_insert": """\
CREATE TRIGGER search_names_insert AFTER INSERT ON search_names
BEGIN
    UPDATE search_names SET folded = CASE kind
        WHEN 'phone' THEN substr(NEW.first, -7)
        ELSE CASE WHEN length(CAST(trim(NEW.first || ' ' || NEW.rest) AS BLOB)) = length(trim(NEW.first || ' ' || NEW.rest)) THEN lower(trim(NEW.first || ' ' || NEW.rest)) ELSE
        replace(replace(replace(replace((SELECT group_concat(CASE place WHEN 0 THEN letter ELSE
        substr('ææœœþþßßoollddddhhittσ''''''-----aaaaaaceeeeiiiinooooouuuuyaaaaaaceeeeiiiinooooouuuuyyaaaaaaccccccccddeeeeeeeeeegggggggghhiiiiiiiiijjkkllllllnnnnnnŋoooooorrrrrrssssssssttttuuuuuuuuuuuuwwyyyzzzzzzsɓƃƅɔƈɖɗƌǝəɛƒɠɣɩɨƙɯɲɵooƣƥʀƨʃƭʈuuʊʋƴƶʒƹƽaaiioouuuuuuuuuuaaaaææǥggkkooooʒʒjggƕƿnnaaææooaaaaeeeeiiiioooorrrruuuussttȝhhƞȣȥaaeeooooooooyyⱥȼƚⱦɂƀʉʌɇɉɋɍɏͱͳʹͷ ;ϳ  α·εηιουωιαβγδεζηθικλμνξοπρστυφχψωιυαεηιυιυουωϗβθυυυφπϙϛϝϟϡϣϥϧϩϫϭϯκρσθεϸσϻͻͼͽееђгєѕііјљњћкиуџабвгдежзииклмнопрстуфхцчшщъыьэюяиеегікиуѡѣѥѧѩѫѭѯѱѳѵѵѵѹѻѽѿҁҋҍҏґғҕҗҙқҝҟҡңҥҧҩҫҭүұҳҵҷҹһҽҿӏжжӄӆӈӊӌӎааааӕееәәәжжззӡииииооөөөээууууууччӷыыӻӽӿԁԃԅԇԉԋԍԏԑԓԕԗԙԛԝԟԡԣԥԧԩԫԭԯաբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆaabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooooooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvvwwwwwwwwwwxxxxyyzzzzzzhtwysaaaaaaaaaaaaaaaaaaaaaaaaeeeeeeeeeeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyyỻỽỿααααααααααααααααεεεεεεεεεεεεηηηηηηηηηηηηηηηηιιιιιιιιιιιιιιιιοοοοοοοοοοοουυυυυυυυυυυυωωωωωωωωωωωωωωωωααεεηηιιοουυωωααααααααααααααααηηηηηηηηηηηηηηηηωωωωωωωωωωωωωωωωαααααααααααα ι   ηηηηηεεηηη   ιιιιιιιιιι   υυυυρρυυυυυυρ  `ωωωωωοοωωω  ',
        place, 1) END, '') FROM (
        SELECT instr('ÆæŒœÞþẞßØøŁłĐđÐðĦħıŦŧς’‘ʼ‐‑‒–—ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖÙÚÛÜÝàáâãäåçèéêëìíîïñòóôõöùúûüýÿĀāĂăĄąĆćĈĉĊċČčĎďĒēĔĕĖėĘęĚěĜĝĞğĠġĢģĤĥĨĩĪīĬĭĮįİĴĵĶķĹĺĻļĽľŃńŅņŇňŊŌōŎŏŐőŔŕŖŗŘřŚśŜŝŞşŠšŢţŤťŨũŪūŬŭŮůŰűŲųŴŵŶŷŸŹźŻżŽžſƁƂƄƆƇƉƊƋƎƏƐƑƓƔƖƗƘƜƝƟƠơƢƤƦƧƩƬƮƯưƱƲƳƵƷƸƼǍǎǏǐǑǒǓǔǕǖǗǘǙǚǛǜǞǟǠǡǢǣǤǦǧǨǩǪǫǬǭǮǯǰǴǵǶǷǸǹǺǻǼǽǾǿȀȁȂȃȄȅȆȇȈȉȊȋȌȍȎȏȐȑȒȓȔȕȖȗȘșȚțȜȞȟȠȢȤȦȧȨȩȪȫȬȭȮȯȰȱȲȳȺȻȽȾɁɃɄɅɆɈɊɌɎͰͲʹͶͺ;Ϳ΄΅Ά·ΈΉΊΌΎΏΐΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΪΫάέήίΰϊϋόύώϏϐϑϒϓϔϕϖϘϚϜϞϠϢϤϦϨϪϬϮϰϱϲϴϵϷϹϺϽϾϿЀЁЂЃЄЅІЇЈЉЊЋЌЍЎЏАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯйѐёѓїќѝўѠѢѤѦѨѪѬѮѰѲѴѶѷѸѺѼѾҀҊҌҎҐҒҔҖҘҚҜҞҠҢҤҦҨҪҬҮҰҲҴҶҸҺҼҾӀӁӂӃӅӇӉӋӍӐӑӒӓӔӖӗӘӚӛӜӝӞӟӠӢӣӤӥӦӧӨӪӫӬӭӮӯӰӱӲӳӴӵӶӸӹӺӼӾԀԂԄԆԈԊԌԎԐԒԔԖԘԚԜԞԠԢԤԦԨԪԬԮԱԲԳԴԵԶԷԸԹԺԻԼԽԾԿՀՁՂՃՄՅՆՇՈՉՊՋՌՍՎՏՐՑՒՓՔՕՖḀḁḂḃḄḅḆḇḈḉḊḋḌḍḎḏḐḑḒḓḔḕḖḗḘḙḚḛḜḝḞḟḠḡḢḣḤḥḦḧḨḩḪḫḬḭḮḯḰḱḲḳḴḵḶḷḸḹḺḻḼḽḾḿṀṁṂṃṄṅṆṇṈṉṊṋṌṍṎṏṐṑṒṓṔṕṖṗṘṙṚṛṜṝṞṟṠṡṢṣṤṥṦṧṨṩṪṫṬṭṮṯṰṱṲṳṴṵṶṷṸṹṺṻṼṽṾṿẀẁẂẃẄẅẆẇẈẉẊẋẌẍẎẏẐẑẒẓẔẕẖẗẘẙẛẠạẢảẤấẦầẨẩẪẫẬậẮắẰằẲẳẴẵẶặẸẹẺẻẼẽẾếỀềỂểỄễỆệỈỉỊịỌọỎỏỐốỒồỔổỖỗỘộỚớỜờỞởỠỡỢợỤụỦủỨứỪừỬửỮữỰựỲỳỴỵỶỷỸỹỺỼỾἀἁἂἃἄἅἆἇἈἉἊἋἌἍἎἏἐἑἒἓἔἕἘἙἚἛἜἝἠἡἢἣἤἥἦἧἨἩἪἫἬἭἮἯἰἱἲἳἴἵἶἷἸἹἺἻἼἽἾἿὀὁὂὃὄὅὈὉὊὋὌὍὐὑὒὓὔὕὖὗὙὛὝὟὠὡὢὣὤὥὦὧὨὩὪὫὬὭὮὯὰάὲέὴήὶίὸόὺύὼώᾀᾁᾂᾃᾄᾅᾆᾇᾈᾉᾊᾋᾌᾍᾎᾏᾐᾑᾒᾓᾔᾕᾖᾗᾘᾙᾚᾛᾜᾝᾞᾟᾠᾡᾢᾣᾤᾥᾦᾧᾨᾩᾪᾫᾬᾭᾮᾯᾰᾱᾲᾳᾴᾶᾷᾸᾹᾺΆᾼ᾽ι᾿῀῁ῂῃῄῆῇῈΈῊΉῌ῍῎῏ῐῑῒΐῖῗῘῙῚΊ῝῞῟ῠῡῢΰῤῥῦῧῨῩῪΎῬ῭΅`ῲῳῴῶῷῸΌῺΏῼ´῝̴̵̶̷̸̡̢̧̨̛̖̗̘̙̜̝̞̟̠̣̤̥̦̩̪̫̬̭̮̯̰̱̲̳̹̺̻̼͇͈͉͍͎́̂̃̄̅̆̇̈̉̊̋̌̍̎̏̐̑̒̓̔̽̾̿̀́͂̓̈́͆͊͋͌̕̚ͅ͏͓͔͕͖͙͚͐͑͒͗͛ͣͤͥͦͧͨͩͪͫͬͭͮͯ͘͜͟͢͝͞͠͡',
        letter) AS place, letter FROM (
        SELECT substr(lower(trim(NEW.first || ' ' || NEW.rest)), value, 1) AS letter FROM json_each('[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50,51,52,53,54,55,56,57,58,59,60,61,62,63,64,65,66,67,68,69,70,71,72,73,74,75,76,77,78,79,80,81,82,83,84,85,86,87,88,89,90,91,92,93,94,95,96,97,98,99,100,101,102,103,104,105,106,107,108,109,110,111,112,113,114,115,116,117,118,119,120,121,122,123,124,125,126,127,128,129,130,131,132,133,134,135,136,137,138,139,140,141,142,143,144,145,146,147,148,149,150,151,152,153,154,155,156,157,158,159,160,161,162,163,164,165,166,167,168,169,170,171,172,173,174,175,176,177,178,179,180,181,182,183,184,185,186,187,188,189,190,191,192,193,194,195,196,197,198,199,200,201,202,203,204,205,206,207,208,209,210,211,212,213,214,215,216,217,218,219,220,221,222,223,224,225,226,227,228,229,230,231,232,233,234,235,236,237,238,239,240,241,242,243,244,245,246,247,248,249,250,251,252,253,254,255,256,257,258,259,260,261,262,263,264,265,266,267,268,269,270,271,272,273,274,275,276,277,278,279,280,281,282,283,284,285,286,287,288,289,290,291,292,293,294,295,296,297,298,299,300,301,302,303,304,305,306,307,308,309,310,311,312,313,314,315,316,317,318,319,320,321,322,323,324,325,326,327,328,329,330,331,332,333,334,335,336,337,338,339,340,341,342,343,344,345,346,347,348,349,350,351,352,353,354,355,356,357,358,359,360,361,362,363,364,365,366,367,368,369,370,371,372,373,374,375,376,377,378,379,380,381,382,383,384,385,386,387,388,389,390,391,392,393,394,395,396,397,398,399,400,401,402,403,404,405,406,407,408,409,410,411,412,413,414,415,416,417,418,419,420,421,422,423,424,425,426,427,428,429,430,431,432,433,434,435,436,437,438,439,440,441,442,443,444,445,446,447,448,449,450,451,452,453,454,455,456,457,458,459,460,461,462,463,464,465,466,467,468,469,470,471,472,473,474,475,476,477,478,479,480,481,482,483,484,485,486,487,488,489,490,491,492,493,494,495,496,497,498,499,500,501,502,503,504,505,506,507,508,509,510,511,512]')
        WHERE value <= length(trim(NEW.first || ' ' || NEW.rest))))), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th') END END
    WHERE key = NEW.key;
    INSERT INTO search_names_trigrams (rowid, folded)
    SELECT key, '  ' || replace(folded, ' ', '   ') || ' ' FROM search_names
    WHERE key = NEW.key AND kind <> 'phone';
END""",
    "search_names_delete": """\
CREATE TRIGGER search_names_delete AFTER DELETE ON search_names
WHEN OLD.kind <> 'phone'
BEGIN
    INSERT INTO search_names_trigrams (search_names_trigrams, rowid, folded)
    VALUES ('delete', OLD.key, '  ' || replace(OLD.folded, ' ', '   ') || ' ');
END""",
    "search_pets_insert": """\
CREATE TRIGGER search_pets_insert AFTER INSERT ON pets
BEGIN
    INSERT INTO search_names (kind, first, rest)
    SELECT 'pet', NEW.name, '' WHERE NEW.name IS NOT NULL
    ON CONFLICT DO NOTHING;
END""",
    "search_pets_update": """\
CREATE TRIGGER search_pets_update AFTER UPDATE OF name ON pets
BEGIN
    DELETE FROM search_names
    WHERE kind = 'pet' AND first = OLD.name AND rest = ''
    AND NOT EXISTS (SELECT 1 FROM pets WHERE name = OLD.name);
    INSERT INTO search_names (kind, first, rest)
    SELECT 'pet', NEW.name, '' WHERE NEW.name IS NOT NULL
    ON CONFLICT DO NOTHING;
END""",
    "search_pets_delete": """\
CREATE TRIGGER search_pets_delete AFTER DELETE ON pets
BEGIN
    DELETE FROM search_names
    WHERE kind = 'pet' AND first = OLD.name AND rest = ''
    AND NOT EXISTS (SELECT 1 FROM pets WHERE name = OLD.name);
END""",
    "search_users_insert": """\
CREATE TRIGGER search_users_insert AFTER INSERT ON users
BEGIN
    INSERT INTO search_names (kind, first, rest)
    SELECT 'user', NEW.last_name, NEW.first_name WHERE NEW.last_name IS NOT NULL
    ON CONFLICT DO NOTHING;
END""",
    "search_users_update": """\
CREATE TRIGGER search_users_update AFTER UPDATE OF last_name, first_name ON users
BEGIN
    DELETE FROM search_names
    WHERE kind = 'user' AND first = OLD.last_name AND rest = OLD.first_name
    AND NOT EXISTS (SELECT 1 FROM users WHERE last_name = OLD.last_name AND first_name = OLD.first_name);
    INSERT INTO search_names (kind, first, rest)
    SELECT 'user', NEW.last_name, NEW.first_name WHERE NEW.last_name IS NOT NULL
    ON CONFLICT DO NOTHING;
END""",
    "search_users_delete": """\
CREATE TRIGGER search_users_delete AFTER DELETE ON users
BEGIN
    DELETE FROM search_names
    WHERE kind = 'user' AND first = OLD.last_name AND rest = OLD.first_name
    AND NOT EXISTS (SELECT 1 FROM users WHERE last_name = OLD.last_name AND first_name = OLD.first_name);
END""",
    "search_phones_insert": """\
CREATE TRIGGER search_phones_insert AFTER INSERT ON users
BEGIN
    INSERT INTO search_names (kind, first, rest)
    SELECT 'phone', NEW.phone, '' WHERE NEW.phone IS NOT NULL
    ON CONFLICT DO NOTHING;
END""",
    "search_phones_update": """\
CREATE TRIGGER search_phones_update AFTER UPDATE OF phone ON users
BEGIN
    DELETE FROM search_names
    WHERE kind = 'phone' AND first = OLD.phone AND rest = ''
    AND NOT EXISTS (SELECT 1 FROM users WHERE phone = OLD.phone);
    INSERT INTO search_names (kind, first, rest)
    SELECT 'phone', NEW.phone, '' WHERE NEW.phone IS NOT NULL
    ON CONFLICT DO NOTHING;
END""",
    "search_phones_delete": """\
CREATE TRIGGER search_phones_delete AFTER DELETE ON users
BEGIN
    DELETE FROM search_names
    WHERE kind = 'phone' AND first = OLD.phone AND rest = ''
    AND NOT EXISTS (SELECT 1 FROM users WHERE phone = OLD.phone);
END""",
}

POSTGRESQL: Mapping[str, str] = {
    "clinics.position": """\
ALTER TABLE clinics ADD COLUMN position cube GENERATED ALWAYS AS (
    CASE WHEN latitude IS NOT NULL THEN cube(ARRAY[
        (6378137.0 / sqrt(1.0 - 0.00669437999014 * sin(radians(latitude)) * sin(radians(latitude)))) * cos(radians(latitude)) * cos(radians(longitude)),
        (6378137.0 / sqrt(1.0 - 0.00669437999014 * sin(radians(latitude)) * sin(radians(latitude)))) * cos(radians(latitude)) * sin(radians(longitude)),
        (6378137.0 / sqrt(1.0 - 0.00669437999014 * sin(radians(latitude)) * sin(radians(latitude)))) * 0.99330562000986 * sin(radians(latitude))
    ]) END) STORED""",
    "ix_clinics_position": """\
CREATE INDEX ix_clinics_position ON clinics USING gist (position)""",
    "pets.search_name": """\
ALTER TABLE pets ADD COLUMN search_name text COLLATE "C" GENERATED ALWAYS AS (
    CASE WHEN octet_length(trim(name)) = length(trim(name)) THEN lower(trim(name) COLLATE "C") ELSE
    replace(replace(replace(replace(translate(lower(trim(name) COLLATE "C"),
    'ÆæŒœÞþẞßØøŁłĐđÐðĦħıŦŧς’‘ʼ‐‑‒–—ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖÙÚÛÜÝàáâãäåçèéêëìíîïñòóôõöùúûüýÿĀāĂăĄąĆćĈĉĊċČčĎďĒēĔĕĖėĘęĚěĜĝĞğĠġĢģĤĥĨĩĪīĬĭĮįİĴĵĶķĹĺĻļĽľŃńŅņŇňŊŌōŎŏŐőŔŕŖŗŘřŚśŜŝŞşŠšŢţŤťŨũŪūŬŭŮůŰűŲųŴŵŶŷŸŹźŻżŽžſƁƂƄƆƇƉƊƋƎƏƐƑƓƔƖƗƘƜƝƟƠơƢƤƦƧƩƬƮƯưƱƲƳƵƷƸƼǍǎǏǐǑǒǓǔǕǖǗǘǙǚǛǜǞǟǠǡǢǣǤǦǧǨǩǪǫǬǭǮǯǰǴǵǶǷǸǹǺǻǼǽǾǿȀȁȂȃȄȅȆȇȈȉȊȋȌȍȎȏȐȑȒȓȔȕȖȗȘșȚțȜȞȟȠȢȤȦȧȨȩȪȫȬȭȮȯȰȱȲȳȺȻȽȾɁɃɄɅɆɈɊɌɎͰͲʹͶͺ;Ϳ΄΅Ά·ΈΉΊΌΎΏΐΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΪΫάέήίΰϊϋόύώϏϐϑϒϓϔϕϖϘϚϜϞϠϢϤϦϨϪϬϮϰϱϲϴϵϷϹϺϽϾϿЀЁЂЃЄЅІЇЈЉЊЋЌЍЎЏАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯйѐёѓїќѝўѠѢѤѦѨѪѬѮѰѲѴѶѷѸѺѼѾҀҊҌҎҐҒҔҖҘҚҜҞҠҢҤҦҨҪҬҮҰҲҴҶҸҺҼҾӀӁӂӃӅӇӉӋӍӐӑӒӓӔӖӗӘӚӛӜӝӞӟӠӢӣӤӥӦӧӨӪӫӬӭӮӯӰӱӲӳӴӵӶӸӹӺӼӾԀԂԄԆԈԊԌԎԐԒԔԖԘԚԜԞԠԢԤԦԨԪԬԮԱԲԳԴԵԶԷԸԹԺԻԼԽԾԿՀՁՂՃՄՅՆՇՈՉՊՋՌՍՎՏՐՑՒՓՔՕՖḀḁḂḃḄḅḆḇḈḉḊḋḌḍḎḏḐḑḒḓḔḕḖḗḘḙḚḛḜḝḞḟḠḡḢḣḤḥḦḧḨḩḪḫḬḭḮḯḰḱḲḳḴḵḶḷḸḹḺḻḼḽḾḿṀṁṂṃṄṅṆṇṈṉṊṋṌṍṎṏṐṑṒṓṔṕṖṗṘṙṚṛṜṝṞṟṠṡṢṣṤṥṦṧṨṩṪṫṬṭṮṯṰṱṲṳṴṵṶṷṸṹṺṻṼṽṾṿẀẁẂẃẄẅẆẇẈẉẊẋẌẍẎẏẐẑẒẓẔẕẖẗẘẙẛẠạẢảẤấẦầẨẩẪẫẬậẮắẰằẲẳẴẵẶặẸẹẺẻẼẽẾếỀềỂểỄễỆệỈỉỊịỌọỎỏỐốỒồỔổỖỗỘộỚớỜờỞởỠỡỢợỤụỦủỨứỪừỬửỮữỰựỲỳỴỵỶỷỸỹỺỼỾἀἁἂἃἄἅἆἇἈἉἊἋἌἍἎἏἐἑἒἓἔἕἘἙἚἛἜἝἠἡἢἣἤἥἦἧἨἩἪἫἬἭἮἯἰἱἲἳἴἵἶἷἸἹἺἻἼἽἾἿὀὁὂὃὄὅὈὉὊὋὌὍὐὑὒὓὔὕὖὗὙὛὝὟὠὡὢὣὤὥὦὧὨὩὪὫὬὭὮὯὰάὲέὴήὶίὸόὺύὼώᾀᾁᾂᾃᾄᾅᾆᾇᾈᾉᾊᾋᾌᾍᾎᾏᾐᾑᾒᾓᾔᾕᾖᾗᾘᾙᾚᾛᾜᾝᾞᾟᾠᾡᾢᾣᾤᾥᾦᾧᾨᾩᾪᾫᾬᾭᾮᾯᾰᾱᾲᾳᾴᾶᾷᾸᾹᾺΆᾼ᾽ι᾿῀῁ῂῃῄῆῇῈΈῊΉῌ῍῎῏ῐῑῒΐῖῗῘῙῚΊ῝῞῟ῠῡῢΰῤῥῦῧῨῩῪΎῬ῭΅`ῲῳῴῶῷῸΌῺΏῼ´῝̴̵̶̷̸̡̢̧̨̛̖̗̘̙̜̝̞̟̠̣̤̥̦̩̪̫̬̭̮̯̰̱̲̳̹̺̻̼͇͈͉͍͎́̂̃̄̅̆̇̈̉̊̋̌̍̎̏̐̑̒̓̔̽̾̿̀́͂̓̈́͆͊͋͌̕̚ͅ͏͓͔͕͖͙͚͐͑͒͗͛ͣͤͥͦͧͨͩͪͫͬͭͮͯ͘͜͟͢͝͞͠͡',
    'ææœœþþßßoollddddhhittσ''''''-----aaaaaaceeeeiiiinooooouuuuyaaaaaaceeeeiiiinooooouuuuyyaaaaaaccccccccddeeeeeeeeeegggggggghhiiiiiiiiijjkkllllllnnnnnnŋoooooorrrrrrssssssssttttuuuuuuuuuuuuwwyyyzzzzzzsɓƃƅɔƈɖɗƌǝəɛƒɠɣɩɨƙɯɲɵooƣƥʀƨʃƭʈuuʊʋƴƶʒƹƽaaiioouuuuuuuuuuaaaaææǥggkkooooʒʒjggƕƿnnaaææooaaaaeeeeiiiioooorrrruuuussttȝhhƞȣȥaaeeooooooooyyⱥȼƚⱦɂƀʉʌɇɉɋɍɏͱͳʹͷ ;ϳ  α·εηιουωιαβγδεζηθικλμνξοπρστυφχψωιυαεηιυιυουωϗβθυυυφπϙϛϝϟϡϣϥϧϩϫϭϯκρσθεϸσϻͻͼͽееђгєѕііјљњћкиуџабвгдежзииклмнопрстуфхцчшщъыьэюяиеегікиуѡѣѥѧѩѫѭѯѱѳѵѵѵѹѻѽѿҁҋҍҏґғҕҗҙқҝҟҡңҥҧҩҫҭүұҳҵҷҹһҽҿӏжжӄӆӈӊӌӎааааӕееәәәжжззӡииииооөөөээууууууччӷыыӻӽӿԁԃԅԇԉԋԍԏԑԓԕԗԙԛԝԟԡԣԥԧԩԫԭԯաբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆaabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooooooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvvwwwwwwwwwwxxxxyyzzzzzzhtwysaaaaaaaaaaaaaaaaaaaaaaaaeeeeeeeeeeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyyỻỽỿααααααααααααααααεεεεεεεεεεεεηηηηηηηηηηηηηηηηιιιιιιιιιιιιιιιιοοοοοοοοοοοουυυυυυυυυυυυωωωωωωωωωωωωωωωωααεεηηιιοουυωωααααααααααααααααηηηηηηηηηηηηηηηηωωωωωωωωωωωωωωωωαααααααααααα ι   ηηηηηεεηηη   ιιιιιιιιιι   υυυυρρυυυυυυρ  `ωωωωωοοωωω  '), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th') END) STORED""",
    "ix_pets_search_name": """\
CREATE INDEX ix_pets_search_name ON pets (search_name, id) WHERE deleted_at IS NULL""",
    "ix_pets_search_name_trigrams": """\
CREATE INDEX ix_pets_search_name_trigrams ON pets USING gin (search_name gin_trgm_ops) WITH (gin_pending_list_limit = 256)""",
    "users.search_name": """\
ALTER TABLE users ADD COLUMN search_name text COLLATE "C" GENERATED ALWAYS AS (
    CASE WHEN octet_length(trim(last_name || ' ' || first_name)) = length(trim(last_name || ' ' || first_name)) THEN lower(trim(last_name || ' ' || first_name) COLLATE "C") ELSE
    replace(replace(replace(replace(translate(lower(trim(last_name || ' ' || first_name) COLLATE "C"),
    'ÆæŒœÞþẞßØøŁłĐđÐðĦħıŦŧς’‘ʼ‐‑‒–—ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖÙÚÛÜÝàáâãäåçèéêëìíîïñòóôõöùúûüýÿĀāĂăĄąĆćĈĉĊċČčĎďĒēĔĕĖėĘęĚěĜĝĞğĠġĢģĤĥĨĩĪīĬĭĮįİĴĵĶķĹĺĻļĽľŃńŅņŇňŊŌōŎŏŐőŔŕŖŗŘřŚśŜŝŞşŠšŢţŤťŨũŪūŬŭŮůŰűŲųŴŵŶŷŸŹźŻżŽžſƁƂƄƆƇƉƊƋƎƏƐƑƓƔƖƗƘƜƝƟƠơƢƤƦƧƩƬƮƯưƱƲƳƵƷƸƼǍǎǏǐǑǒǓǔǕǖǗǘǙǚǛǜǞǟǠǡǢǣǤǦǧǨǩǪǫǬǭǮǯǰǴǵǶǷǸǹǺǻǼǽǾǿȀȁȂȃȄȅȆȇȈȉȊȋȌȍȎȏȐȑȒȓȔȕȖȗȘșȚțȜȞȟȠȢȤȦȧȨȩȪȫȬȭȮȯȰȱȲȳȺȻȽȾɁɃɄɅɆɈɊɌɎͰͲʹͶͺ;Ϳ΄΅Ά·ΈΉΊΌΎΏΐΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΪΫάέήίΰϊϋόύώϏϐϑϒϓϔϕϖϘϚϜϞϠϢϤϦϨϪϬϮϰϱϲϴϵϷϹϺϽϾϿЀЁЂЃЄЅІЇЈЉЊЋЌЍЎЏАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯйѐёѓїќѝўѠѢѤѦѨѪѬѮѰѲѴѶѷѸѺѼѾҀҊҌҎҐҒҔҖҘҚҜҞҠҢҤҦҨҪҬҮҰҲҴҶҸҺҼҾӀӁӂӃӅӇӉӋӍӐӑӒӓӔӖӗӘӚӛӜӝӞӟӠӢӣӤӥӦӧӨӪӫӬӭӮӯӰӱӲӳӴӵӶӸӹӺӼӾԀԂԄԆԈԊԌԎԐԒԔԖԘԚԜԞԠԢԤԦԨԪԬԮԱԲԳԴԵԶԷԸԹԺԻԼԽԾԿՀՁՂՃՄՅՆՇՈՉՊՋՌՍՎՏՐՑՒՓՔՕՖḀḁḂḃḄḅḆḇḈḉḊḋḌḍḎḏḐḑḒḓḔḕḖḗḘḙḚḛḜḝḞḟḠḡḢḣḤḥḦḧḨḩḪḫḬḭḮḯḰḱḲḳḴḵḶḷḸḹḺḻḼḽḾḿṀṁṂṃṄṅṆṇṈṉṊṋṌṍṎṏṐṑṒṓṔṕṖṗṘṙṚṛṜṝṞṟṠṡṢṣṤṥṦṧṨṩṪṫṬṭṮṯṰṱṲṳṴṵṶṷṸṹṺṻṼṽṾṿẀẁẂẃẄẅẆẇẈẉẊẋẌẍẎẏẐẑẒẓẔẕẖẗẘẙẛẠạẢảẤấẦầẨẩẪẫẬậẮắẰằẲẳẴẵẶặẸẹẺẻẼẽẾếỀềỂểỄễỆệỈỉỊịỌọỎỏỐốỒồỔổỖỗỘộỚớỜờỞởỠỡỢợỤụỦủỨứỪừỬửỮữỰựỲỳỴỵỶỷỸỹỺỼỾἀἁἂἃἄἅἆἇἈἉἊἋἌἍἎἏἐἑἒἓἔἕἘἙἚἛἜἝἠἡἢἣἤἥἦἧἨἩἪἫἬἭἮἯἰἱἲἳἴἵἶἷἸἹἺἻἼἽἾἿὀὁὂὃὄὅὈὉὊὋὌὍὐὑὒὓὔὕὖὗὙὛὝὟὠὡὢὣὤὥὦὧὨὩὪὫὬὭὮὯὰάὲέὴήὶίὸόὺύὼώᾀᾁᾂᾃᾄᾅᾆᾇᾈᾉᾊᾋᾌᾍᾎᾏᾐᾑᾒᾓᾔᾕᾖᾗᾘᾙᾚᾛᾜᾝᾞᾟᾠᾡᾢᾣᾤᾥᾦᾧᾨᾩᾪᾫᾬᾭᾮᾯᾰᾱᾲᾳᾴᾶᾷᾸᾹᾺΆᾼ᾽ι᾿῀῁ῂῃῄῆῇῈΈῊΉῌ῍῎῏ῐῑῒΐῖῗῘῙῚΊ῝῞῟ῠῡῢΰῤῥῦῧῨῩῪΎῬ῭΅`ῲῳῴῶῷῸΌῺΏῼ´῝̴̵̶̷̸̡̢̧̨̛̖̗̘̙̜̝̞̟̠̣̤̥̦̩̪̫̬̭̮̯̰̱̲̳̹̺̻̼͇͈͉͍͎́̂̃̄̅̆̇̈̉̊̋̌̍̎̏̐̑̒̓̔̽̾̿̀́͂̓̈́͆͊͋͌̕̚ͅ͏͓͔͕͖͙͚͐͑͒͗͛ͣͤͥͦͧͨͩͪͫͬͭͮͯ͘͜͟͢͝͞͠͡',
    'ææœœþþßßoollddddhhittσ''''''-----aaaaaaceeeeiiiinooooouuuuyaaaaaaceeeeiiiinooooouuuuyyaaaaaaccccccccddeeeeeeeeeegggggggghhiiiiiiiiijjkkllllllnnnnnnŋoooooorrrrrrssssssssttttuuuuuuuuuuuuwwyyyzzzzzzsɓƃƅɔƈɖɗƌǝəɛƒɠɣɩɨƙɯɲɵooƣƥʀƨʃƭʈuuʊʋƴƶʒƹƽaaiioouuuuuuuuuuaaaaææǥggkkooooʒʒjggƕƿnnaaææooaaaaeeeeiiiioooorrrruuuussttȝhhƞȣȥaaeeooooooooyyⱥȼƚⱦɂƀʉʌɇɉɋɍɏͱͳʹͷ ;ϳ  α·εηιουωιαβγδεζηθικλμνξοπρστυφχψωιυαεηιυιυουωϗβθυυυφπϙϛϝϟϡϣϥϧϩϫϭϯκρσθεϸσϻͻͼͽееђгєѕііјљњћкиуџабвгдежзииклмнопрстуфхцчшщъыьэюяиеегікиуѡѣѥѧѩѫѭѯѱѳѵѵѵѹѻѽѿҁҋҍҏґғҕҗҙқҝҟҡңҥҧҩҫҭүұҳҵҷҹһҽҿӏжжӄӆӈӊӌӎааааӕееәәәжжззӡииииооөөөээууууууччӷыыӻӽӿԁԃԅԇԉԋԍԏԑԓԕԗԙԛԝԟԡԣԥԧԩԫԭԯաբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆaabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooooooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvvwwwwwwwwwwxxxxyyzzzzzzhtwysaaaaaaaaaaaaaaaaaaaaaaaaeeeeeeeeeeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyyỻỽỿααααααααααααααααεεεεεεεεεεεεηηηηηηηηηηηηηηηηιιιιιιιιιιιιιιιιοοοοοοοοοοοουυυυυυυυυυυυωωωωωωωωωωωωωωωωααεεηηιιοουυωωααααααααααααααααηηηηηηηηηηηηηηηηωωωωωωωωωωωωωωωωαααααααααααα ι   ηηηηηεεηηη   ιιιιιιιιιι   υυυυρρυυυυυυρ  `ωωωωωοοωωω  '), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th') END) STORED""",
    "ix_users_search_name": """\
CREATE INDEX ix_users_search_name ON users (search_name, id) WHERE deleted_at IS NULL""",
    "ix_users_search_name_trigrams": """\
CREATE INDEX ix_users_search_name_trigrams ON users USING gin (search_name gin_trgm_ops) WITH (gin_pending_list_limit = 256)""",
    "users.search_phone": """\
ALTER TABLE users ADD COLUMN search_phone text COLLATE "C" GENERATED ALWAYS AS (
    right(phone, 7)) STORED""",
    "ix_users_search_phone": """\
CREATE INDEX ix_users_search_phone ON users (search_phone, id) WHERE deleted_at IS NULL""",
}
