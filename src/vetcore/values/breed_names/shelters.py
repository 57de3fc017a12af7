"""The short names that shelters and councils use for breeds."""

__all__ = ["CATS", "DOGS"]

DOGS = """
American Pit Bull Terrier: Am Pit, Pit Bull Mix, Pitbull Type, Bull Breed Pit, APT
American Staffordshire Terrier: Am Staff, Amer Staff, American Staff Terrier, AMERSTAFF
Australian Cattle Dog: AUSTCATTLE, AUSTCATTL, AUSTCAT, CATTLEDOG, Queensland Heel, Aus Cattle
Australian Kelpie: AUSTKELP, AUSTKELPI, KELPIEAUS
Australian Shepherd: AUSTSHEP, AUSTSHEPH
Australian Silky Terrier: SILKYTERR, SILKYTER
Beagle: BEAGL
Bernese Mountain Dog: Bernese Mtn Dog
Bluetick Coonhound: Bluetick Hound, Blue Tick Hound
Border Collie: BORDCOLL, BORDERCOL, BORDERCOLL, BORDCOLLI, Border Coll
Bull Terrier: BULLTERR, BULLTER
Bullmastiff: BULLMAST
Cardigan Welsh Corgi: Welsh Corgi Car, Welsh Corgi Card
Cavalier King Charles Spaniel: Cavalier Span, Cavalier Spaniel, CAVKINGCH, CAVALIERK, CAVKING, Cav King Charles Spaniel
Chihuahua: CHIHUAHU, CHIHUA
Chinese Shar-Pei: Chinese Sharpei, Chin Sharpei
American Cocker Spaniel: COCKSPAN, COCKERSPA, Cocker Spanl
Dachshund: DACHSHUN, DACHS
Doberman Pinscher: DOBERM, DOBERMAN, Doberman Pinsch
English Springer Spaniel: Eng Sprngr Span, English Sprngr Spaniel, Springer Span
Flat-Coated Retriever: Flat Coat Retr
Fox Terrier: FOXTERR, FOXTER
French Bulldog: FRENCHBUL, FRENBULL, Fr Bulldog
German Shepherd Dog: GERMNSHEP, GERMSHEP, GERMANSHE, GERSHEP, GERMNSHEPH, GERMANSHEP, Germ Shep
German Shorthaired Pointer: Germ Sh Point, German Sh Pointer, GERMSHPNT, GERMSHORT, Ger Short Point, Germ Sh Pointer
German Wirehaired Pointer: Germ Wh Point
Golden Retriever: GOLDRETR, GOLDENRET, GOLDRET, GOLDENRETR
Great Dane: GRTDANE
Great Pyrenees: Gr Pyrenees, Grt Pyrenees
Greater Swiss Mountain Dog: Gr Swiss Mtn, Greater Swiss Mtn
Irish Wolfhound: IRWOLFH
Jack Russell Terrier: JACKRUSS, JACKRUSSE, Jack Russ, Jack Russ Ter, JACKRUSSL
Labrador Retriever: LABRADOR, LABRETR, LABRADORR, LABRADO, LABRADRET, LABRET, Labrador Ret
Maltese: MALTES
Miniature Poodle: POODLEMIN, POODLEMINI, POODMIN
Miniature Pinscher: Min Pinsch, Mini Pinsch
Miniature Schnauzer: SCHNAUMIN, SCHNAUZMI, MINSCHNAU, SCHNMIN
Parson Russell Terrier: Parson Russ Ter, Parson (Jack) Russell Terrier
Pembroke Welsh Corgi: Welsh Corgi Pem, Welsh Corgi Pemb
Pomeranian: POMERAN, POMERANI
Redbone Coonhound: Redbone Hound
Rhodesian Ridgeback: RHODRIDGE, RIDGEBAC, Rhod Ridgeback
Rottweiler: ROTTWEIL, ROTTW
Saint Bernard: St Bernard Rgh, St Bernard Smth, Saint Bernard Smth
Shetland Sheepdog: Shetld Sheepdog, Shetland Sheepd, SHETSHEEP, Shetland Sheep
Shih Tzu: SHIHTZU, SHITZU
Siberian Husky: Sib Husky, SIBHUSKY, SIBERHUSK, SIBERIANH, SIBERNHUS
Staffordshire Bull Terrier: STAFFBULL, STAFFBT, STAFFYBUL, STAFFBULT, Staffy Bull, STAFFORDB, Staff Bull Ter
Standard Poodle: POODLESTD, POODLESTA, POODSTD
Standard Schnauzer: SCHNAUSTD
Toy Poodle: POODLETOY, POODTOY, TOYPOOD
Treeing Walker Coonhound: Tr Walker Hound, Trng Walker Hound
West Highland White Terrier: WESTHIGHL, WESTHIGH, W Highland
Wire Fox Terrier: Fox Terr Wire, Fox Terrier Wirehaired
Smooth Fox Terrier: Fox Terr Smooth
Yorkshire Terrier: YORKSHIRE, YORKTERR, YORKSTERR
"""

CATS = """
Domestic Longhair: DOMLONGH, DOMLONGHA, DOMLONG, DOMLH, DOMLHAIR, Dom Long Hair, Domestic Long, Dom LH
Domestic Mediumhair: DOMMEDH, DOMMEDHA, DOMMED, DOMMH, DOMMEDIUM, DOMMEDHR, Dom Medium Hair, Domestic Medium, Dom MH
Domestic Shorthair: DOMSHORTH, DOMSHORT, DOMSHORTHA, DOMSH, DOMSHAIR, Dom Short Hair, Domestic Short, Dom SH, DOMESTICS
British Shorthair: BRITSHORT, BRITSH
Burmese: BURMES
Maine Coon: MAINECOO
Persian: PERSIA
Ragdoll: RAGDOL
Russian Blue: RUSSBLUE, RUSSIANBL
Siamese: SIAMES
Tonkinese: TONKINES
"""
