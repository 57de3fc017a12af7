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
        replace(replace(replace(replace((SELECT group_concat(CASE WHEN letter < char(128) OR place = 0 THEN letter ELSE
        substr('ææœœþþßßoollddddhhittσ''''''-----aaaaaaceeeeiiiinooooouuuuyaaaaaaceeeeiiiinooooouuuuyyaaaaaaccccccccddeeeeeeeeeegggggggghhiiiiiiiiijjkkllllllnnnnnnŋoooooorrrrrrssssssssttttuuuuuuuuuuuuwwyyyzzzzzzsɓƃƅɔƈɖɗƌǝəɛƒɠɣɩɨƙɯɲɵooƣƥʀƨʃƭʈuuʊʋƴƶʒƹƽaaiioouuuuuuuuuuaaaaææǥggkkooooʒʒjggƕƿnnaaææooaaaaeeeeiiiioooorrrruuuussttȝhhƞȣȥaaeeooooooooyyⱥȼƚⱦɂƀʉʌɇɉɋɍɏͱͳʹͷ ;ϳ  α·εηιουωιαβγδεζηθικλμνξοπρστυφχψωιυαεηιυιυουωϗβθυυυφπϙϛϝϟϡϣϥϧϩϫϭϯκρσθεϸσϻͻͼͽееђгєѕііјљњћкиуџабвгдежзииклмнопрстуфхцчшщъыьэюяиеегікиуѡѣѥѧѩѫѭѯѱѳѵѵѵѹѻѽѿҁҋҍҏґғҕҗҙқҝҟҡңҥҧҩҫҭүұҳҵҷҹһҽҿӏжжӄӆӈӊӌӎааааӕееәәәжжззӡииииооөөөээууууууччӷыыӻӽӿԁԃԅԇԉԋԍԏԑԓԕԗԙԛԝԟԡԣԥԧԩԫԭԯաբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆaabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooooooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvvwwwwwwwwwwxxxxyyzzzzzzhtwysaaaaaaaaaaaaaaaaaaaaaaaaeeeeeeeeeeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyyỻỽỿααααααααααααααααεεεεεεεεεεεεηηηηηηηηηηηηηηηηιιιιιιιιιιιιιιιιοοοοοοοοοοοουυυυυυυυυυυυωωωωωωωωωωωωωωωωααεεηηιιοουυωωααααααααααααααααηηηηηηηηηηηηηηηηωωωωωωωωωωωωωωωωαααααααααααα ι   ηηηηηεεηηη   ιιιιιιιιιι   υυυυρρυυυυυυρ  `ωωωωωοοωωω  ',
        place, 1) END, '') FROM (
        SELECT instr('ÆæŒœÞþẞßØøŁłĐđÐðĦħıŦŧς’‘ʼ‐‑‒–—ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖÙÚÛÜÝàáâãäåçèéêëìíîïñòóôõöùúûüýÿĀāĂăĄąĆćĈĉĊċČčĎďĒēĔĕĖėĘęĚěĜĝĞğĠġĢģĤĥĨĩĪīĬĭĮįİĴĵĶķĹĺĻļĽľŃńŅņŇňŊŌōŎŏŐőŔŕŖŗŘřŚśŜŝŞşŠšŢţŤťŨũŪūŬŭŮůŰűŲųŴŵŶŷŸŹźŻżŽžſƁƂƄƆƇƉƊƋƎƏƐƑƓƔƖƗƘƜƝƟƠơƢƤƦƧƩƬƮƯưƱƲƳƵƷƸƼǍǎǏǐǑǒǓǔǕǖǗǘǙǚǛǜǞǟǠǡǢǣǤǦǧǨǩǪǫǬǭǮǯǰǴǵǶǷǸǹǺǻǼǽǾǿȀȁȂȃȄȅȆȇȈȉȊȋȌȍȎȏȐȑȒȓȔȕȖȗȘșȚțȜȞȟȠȢȤȦȧȨȩȪȫȬȭȮȯȰȱȲȳȺȻȽȾɁɃɄɅɆɈɊɌɎͰͲʹͶͺ;Ϳ΄΅Ά·ΈΉΊΌΎΏΐΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΪΫάέήίΰϊϋόύώϏϐϑϒϓϔϕϖϘϚϜϞϠϢϤϦϨϪϬϮϰϱϲϴϵϷϹϺϽϾϿЀЁЂЃЄЅІЇЈЉЊЋЌЍЎЏАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯйѐёѓїќѝўѠѢѤѦѨѪѬѮѰѲѴѶѷѸѺѼѾҀҊҌҎҐҒҔҖҘҚҜҞҠҢҤҦҨҪҬҮҰҲҴҶҸҺҼҾӀӁӂӃӅӇӉӋӍӐӑӒӓӔӖӗӘӚӛӜӝӞӟӠӢӣӤӥӦӧӨӪӫӬӭӮӯӰӱӲӳӴӵӶӸӹӺӼӾԀԂԄԆԈԊԌԎԐԒԔԖԘԚԜԞԠԢԤԦԨԪԬԮԱԲԳԴԵԶԷԸԹԺԻԼԽԾԿՀՁՂՃՄՅՆՇՈՉՊՋՌՍՎՏՐՑՒՓՔՕՖḀḁḂḃḄḅḆḇḈḉḊḋḌḍḎḏḐḑḒḓḔḕḖḗḘḙḚḛḜḝḞḟḠḡḢḣḤḥḦḧḨḩḪḫḬḭḮḯḰḱḲḳḴḵḶḷḸḹḺḻḼḽḾḿṀṁṂṃṄṅṆṇṈṉṊṋṌṍṎṏṐṑṒṓṔṕṖṗṘṙṚṛṜṝṞṟṠṡṢṣṤṥṦṧṨṩṪṫṬṭṮṯṰṱṲṳṴṵṶṷṸṹṺṻṼṽṾṿẀẁẂẃẄẅẆẇẈẉẊẋẌẍẎẏẐẑẒẓẔẕẖẗẘẙẛẠạẢảẤấẦầẨẩẪẫẬậẮắẰằẲẳẴẵẶặẸẹẺẻẼẽẾếỀềỂểỄễỆệỈỉỊịỌọỎỏỐốỒồỔổỖỗỘộỚớỜờỞởỠỡỢợỤụỦủỨứỪừỬửỮữỰựỲỳỴỵỶỷỸỹỺỼỾἀἁἂἃἄἅἆἇἈἉἊἋἌἍἎἏἐἑἒἓἔἕἘἙἚἛἜἝἠἡἢἣἤἥἦἧἨἩἪἫἬἭἮἯἰἱἲἳἴἵἶἷἸἹἺἻἼἽἾἿὀὁὂὃὄὅὈὉὊὋὌὍὐὑὒὓὔὕὖὗὙὛὝὟὠὡὢὣὤὥὦὧὨὩὪὫὬὭὮὯὰάὲέὴήὶίὸόὺύὼώᾀᾁᾂᾃᾄᾅᾆᾇᾈᾉᾊᾋᾌᾍᾎᾏᾐᾑᾒᾓᾔᾕᾖᾗᾘᾙᾚᾛᾜᾝᾞᾟᾠᾡᾢᾣᾤᾥᾦᾧᾨᾩᾪᾫᾬᾭᾮᾯᾰᾱᾲᾳᾴᾶᾷᾸᾹᾺΆᾼ᾽ι᾿῀῁ῂῃῄῆῇῈΈῊΉῌ῍῎῏ῐῑῒΐῖῗῘῙῚΊ῝῞῟ῠῡῢΰῤῥῦῧῨῩῪΎῬ῭΅`ῲῳῴῶῷῸΌῺΏῼ´῝̴̵̶̷̸̡̢̧̨̛̖̗̘̙̜̝̞̟̠̣̤̥̦̩̪̫̬̭̮̯̰̱̲̳̹̺̻̼͇͈͉͍͎́̂̃̄̅̆̇̈̉̊̋̌̍̎̏̐̑̒̓̔̽̾̿̀́͂̓̈́͆͊͋͌̕̚ͅ͏͓͔͕͖͙͚͐͑͒͗͛ͣͤͥͦͧͨͩͪͫͬͭͮͯ͘͜͟͢͝͞͠͡',
        letter) AS place, letter FROM (
        SELECT substr(lower(trim(NEW.first || ' ' || NEW.rest)), key + 1, 1) AS letter
        FROM json_each('[' || rtrim(replace(hex(zeroblob(length(trim(NEW.first || ' ' || NEW.rest)))), '00', '0,'), ',') || ']')))), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th') END END
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
