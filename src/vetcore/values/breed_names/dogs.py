"""The names of dog breeds, with their aliases."""

__all__ = ["CROSSES", "NAMES", "TYPES"]

TYPES = """
Bulldog
Collie
Coonhound
Cur
Foxhound
Hound
Husky
Mastiff
Pinscher
Pointer
Retriever
Schnauzer
Setter
Shepherd
Spaniel
Spitz
Terrier
Feist
Fox Terrier
Griffon
Munsterlander
Wolfdog: Wolf Hybrid, Wolf Dog
"""
"""Kinds of dog that people name where they do not know the breed."""

NAMES = """
Chihuahua: Chi, Chihuahua Short Coat, Chihuahua Long Coat, Chihuahua Smooth Coat, Chihuahua Long Haired, Chihuahua Short Haired
Corgi: Welsh Corgi
Dachshund: Doxie, Wiener Dog, Dachshund Long Haired, Dachshund Longhaired, Dachshund Smooth Haired, Dachshund Wire Haired, Dachshund Wirehaired
Poodle
Affenpinscher: Monkey Terrier
Afghan Hound: Afghan
Aidi
Airedale Terrier: Airedale
Akbash: Akbash Dog
Akita: Akita Inu, American Akita, Japanese Akita
Alapaha Blue Blood Bulldog
Alaskan Husky
Alaskan Klee Kai: Klee Kai
Alaskan Malamute: Malamute
American Bandogge: American Bandogge Mastiff, Bandog
American Blue Gascon Hound
American Bulldog
American Bully: XL Bully, American Pocket Bully, Pocket Bully, Exotic Bully
American Cocker Spaniel: Cocker Spaniel, Cocker
American English Coonhound: English Coonhound, Redtick Coonhound
American Eskimo Dog: American Eskimo, Eskie, Eskimo Dog
American Foxhound
American Hairless Terrier
American Indian Dog
American Leopard Hound
American Pit Bull Terrier: American Pit Bull, APBT, Pit Bull, Pitbull, Pit Bull Terrier, Pitbull Terrier, Pit
American Staffordshire Terrier: Amstaff, Staffordshire Terrier, American Staffordshire
American Water Spaniel
American White Shepherd: White German Shepherd
Anatolian Shepherd Dog: Anatolian Shepherd, Anatolian
Appenzeller Sennenhund: Appenzeller Sennenhunde, Appenzeller
Armant
Australian Cattle Dog: ACD, Blue Heeler, Red Heeler, Queensland Heeler, Heeler, American Blue Heeler, Cattle Dog
Australian Kelpie: Kelpie
Australian Shepherd: Aussie, Aussie Shepherd
Australian Silky Terrier: Silky Terrier, Silky
Australian Terrier
Austrian Pinscher
Azawakh
Barbet
Basenji
Basset Fauve de Bretagne
Basset Hound: Basset
Bavarian Mountain Hound
Beagle
Bearded Collie
Beauceron
Bedlington Terrier: Bedlington
Belgian Laekenois
Belgian Malinois: Malinois, Belgian Shepherd Malinois
Belgian Sheepdog: Groenendael, Belgian Shepherd Groenendael
Belgian Tervuren: Tervuren, Belgian Shepherd Tervuren
Bergamasco Sheepdog: Bergamasco
Berger Picard: Picardy Sheepdog, Picardy Shepherd
Bernese Mountain Dog: Bernese, Bernese Mountain, Berner, BMD
Bichon Frise: Bichon
Biewer Terrier: Biewer
Black and Tan Coonhound
Black Mouth Cur
Black Russian Terrier
Bloodhound
Bluetick Coonhound: Bluetick
Boerboel
Bohemian Shepherd
Bolognese
Border Collie
Border Terrier
Borzoi: Russian Wolfhound
Boston Terrier: Boston
Bouvier des Ardennes
Bouvier des Flandres: Bouvier
Boxer
Boykin Spaniel
Bracco Italiano
Braque du Bourbonnais
Braque Francais Gascogne
Braque Francais Pyrenees
Briard
Brittany: Brittany Spaniel, French Brittany, Epagneul Breton
Brussels Griffon: Griffon Bruxellois
Bull Terrier: English Bull Terrier
Bullmastiff: Bull Mastiff
Cairn Terrier: Cairn
Cambodian Razorback Dog
Canaan Dog: Canaan
Canadian Eskimo Dog
Cane Corso: Cane Corso Italiano
Cane Toccatore
Cardigan Welsh Corgi: Cardigan Corgi, Cardigan
Carolina Dog
Carpathian Shepherd Dog
Catahoula Leopard Dog: Catahoula, Louisiana Catahoula Leopard Dog, Leopard Dog
Caucasian Shepherd Dog: Caucasian Mountain Dog, Caucasian Ovcharka
Cavalier King Charles Spaniel: Cavalier, Cavalier King Charles, Cav King Charles, CKCS
Central Asian Shepherd Dog
Cesky Terrier
Chesapeake Bay Retriever: Chesapeake, Chessie
Chinese Crested: Chinese Crested Dog, Crested
Chinese Shar-Pei: Shar Pei, Sharpei
Chinook
Chow Chow: Chow
Cirneco dell'Etna: Cirneco, Cirneco dell Etna
Clumber Spaniel
Coton de Tulear: Coton
Croatian Sheepdog
Curly-Coated Retriever: Curly Coated
Czechoslovakian Vlcak: Czechoslovakian Wolfdog
Dalmatian
Dandie Dinmont Terrier: Dandie Dinmont
Danish-Swedish Farmdog: Swedish Farmdog
Deutscher Wachtelhund
Doberman Pinscher: Doberman, Dobermann, Dobie
Dogo Argentino: Argentine Dogo
Dogue de Bordeaux: French Mastiff
Drentsche Patrijshond: Dutch Partridge Dog
Drever
Dutch Sheepdog
Dutch Shepherd
Dutch Smoushond: Smoushond
English Bulldog: British Bulldog
English Cocker Spaniel: English Cocker
English Foxhound
English Mastiff: Old English Mastiff
English Setter
English Shepherd
English Springer Spaniel: Springer Spaniel, English Springer, Springer
English Toy Spaniel: King Charles Spaniel
English Toy Terrier
Entlebucher Mountain Dog: Entlebucher
Estrela Mountain Dog
Eurasier
Field Spaniel
Fila Brasileiro: Brazilian Mastiff
Finnish Lapphund
Finnish Spitz
Flat-Coated Retriever: Flat Coated, Flatcoat Retriever
French Bulldog: Frenchie
French Spaniel
German Longhaired Pointer: German Longhair Pointer
German Pinscher
German Shepherd Dog: German Shepherd, GSD, Alsatian, German Shep
German Shorthaired Pointer: GSP, German Shorthair Pointer
German Spitz: Kleinspitz, Mittelspitz, Grossspitz
German Wirehaired Pointer: GWP
Giant Schnauzer
Glen of Imaal Terrier
Golden Retriever: Golden
Gordon Setter
Grand Basset Griffon Vendeen
Great Dane: Dane, German Mastiff
Great Pyrenees: Great Pyr, Pyrenees, Pyrenean Mountain Dog
Greater Swiss Mountain Dog: Swissie, Swiss Mountain Dog
Greenland Dog
Greyhound
Haldenstoever
Hamiltonstovare
Harrier
Havanese
Hokkaido
Hovawart: Hovawort
Ibizan Hound: Ibizan, Ibizan Podenco, Podenco Ibicenco
Icelandic Sheepdog
Irish Red and White Setter
Irish Setter
Irish Terrier
Irish Water Spaniel
Irish Wolfhound
Italian Greyhound: Iggy
Jack Russell Terrier: Jack Russell, JRT
Jagdterrier: German Hunting Terrier
Japanese Chin
Japanese Spitz
Japanese Terrier
Jindo: Korean Jindo, Korean Jindo Dog
Kai Ken: Kai Dog
Kangal: Turkish Kangal, Kangal Shepherd Dog
Karelian Bear Dog
Keeshond: Wolfspitz
Kerry Blue Terrier: Kerry Blue
King Shepherd: King German Shepherd
Kishu Ken
Komondor
Kooikerhondje: Nederlandse Kooikerhondje, Kooiker
Kuvasz
Labrador Retriever: Lab, Lab Retriever, Labrador, Labrador Retr, Black Lab, Yellow Lab, Chocolate Lab
Lacy Dog: Lacy, Blue Lacy, Texas Blue Lacy
Lagotto Romagnolo: Lagotto
Lakeland Terrier
Lancashire Heeler
Landseer
Lapponian Herder
Leonberger
Lhasa Apso: Lhasa
Lowchen: Little Lion Dog
Maltese
Manchester Terrier
Abruzzese Mastiff
Maremma Sheepdog: Maremma
McNab: McNab Herding Dog, McNab Shepherd
Miniature American Shepherd: Miniature Australian Shepherd, Mini Aussie, Mini Australian Shepherd
Miniature Bull Terrier
Miniature Dachshund: Mini Dachshund, Dachshund Miniature Long Haired, Dachshund Miniature Smooth Haired, Dachshund Miniature Wire Haired
Miniature Pinscher: Min Pin, Minpin
Miniature Poodle: Mini Poodle
Miniature Schnauzer: Mini Schnauzer
Mountain Cur
Mudi
Large Munsterlander
Small Munsterlander
Neapolitan Mastiff: Mastino Napoletano
Newfoundland: Newfie
Norfolk Terrier
Norrbottenspets
Norwegian Buhund
Norwegian Elkhound: Elkhound
Norwegian Lundehund: Lundehund
Norwich Terrier: Norwich
Nova Scotia Duck Tolling Retriever: Toller, Duck Toller
Old English Sheepdog: OES, Bobtail
Olde English Bulldogge: Olde English Bulldog, Old English Bulldog
Otterhound
Papillon: Phalene
Parson Russell Terrier: Parson Russell, Parson Jack Russell Terrier
Patterdale Terrier
Pekingese: Peke
Pembroke Welsh Corgi: Pembroke Corgi, Pembroke
Perdiguero Gallego
Perro de Presa Canario: Presa, Presa Canario
Peruvian Inca Orchid
Petit Basset Griffon Vendeen: PBGV
Pharaoh Hound: Pharaoh
Plott Hound: Plott
Podenco Canario
Podenco Gallego
Polish Lowland Sheepdog
Pomeranian: Pom
Poongsan: Poong San Dog, Poongsan Dog
Portuguese Podengo
Portuguese Podengo Pequeno
Portuguese Pointer
Portuguese Water Dog: Portie, PWD
Pudelpointer
Pug
Puli
Pumi
Pyrenean Mastiff
Pyrenean Shepherd: Berger des Pyrenees
Rafeiro do Alentejo
Rat Terrier
Redbone Coonhound: Redbone
Rhodesian Ridgeback: Ridgeback
Rottweiler: Rottie, Rott
Rough Collie
Russell Terrier
Russian Toy
Russian Tsvetnaya Bolonka: Tsvetnaya Bolonka, Bolonka
Saarloos Wolfdog
Saint Bernard: St Bernard
Saluki
Samoyed
Schapendoes
Schipperke
Scottish Deerhound: Deerhound
Scottish Terrier: Scottie
Sealyham Terrier
Shetland Sheepdog: Sheltie
Shiba Inu: Shiba
Shih Tzu: Shitzu, Shi Tzu, Shih Zu, Shitsu
Shikoku
Shiloh Shepherd
Siberian Husky
Silken Windhound
Skye Terrier
Sloughi
Slovensky Cuvac
Smooth Collie
Smooth Fox Terrier
Soft Coated Wheaten Terrier: Wheaten Terrier, Wheaten
Spanish Mastiff
Spanish Water Dog
Spinone Italiano: Spinone
Stabyhoun
Staffordshire Bull Terrier: Staffordshire Bull, Staffie, Staffy, English Staffordshire Terrier, English Staffordshire Bull Terrier
Standard Dachshund: Dachshund Standard Long Haired, Dachshund Standard Smooth Haired, Dachshund Standard Wire Haired
Standard Poodle
Standard Schnauzer
Sussex Spaniel
Swedish Elkhound: Jamthund
Swedish Vallhund: Vallhund
Tahitian Bear Dog
Thai Ridgeback
Tibetan Mastiff
Tibetan Spaniel
Tibetan Terrier
Tosa: Tosa Inu
Toy Fox Terrier
Toy Manchester Terrier
Toy Poodle
Treeing Tennessee Brindle
Treeing Walker Coonhound: Walker Coonhound, Treeing Walker, Walker Hound
Victorian Bulldog
Vizsla: Vizsla Smooth Haired, Hungarian Vizsla
Volpino Italiano
Weimaraner: Weim
Welsh Springer Spaniel: Welsh Springer
Welsh Terrier
West Highland White Terrier: Westie, West Highland, West Highland Terrier, West Highland White
Whippet
White Swiss Shepherd Dog: White Swiss Shepherd Berger Blanc Suisse, White Swiss Shepherd, Berger Blanc Suisse
Wire Fox Terrier
Wirehaired Pointing Griffon: Wirehaired Griffon, Korthals Griffon
Wirehaired Vizsla: Hungarian Wirehaired Vizsla, Vizsla Wire Haired
Xoloitzcuintli: Xolo, Mexican Hairless, Mexican Hairless Dog
Yorkshire Terrier: Yorkshire, Yorkie, York
American Crested Sand Terrier
"""
"""Breeds."""

CROSSES = """
Aussiedoodle
Bernedoodle
Cavachon
Cavapoo: Cavadoodle
Chiweenie
Chorkie
Chug
Cockapoo: Cockerpoo
Goldendoodle: Golden Doodle
Havapoo
Jackabee
Labradoodle: Labra Doodle, Australian Labradoodle
Lhasapoo
Maltipoo: Maltepoo
Morkie
Peekapoo
Pomapoo
Pomsky
Puggle
Schnoodle
Sheepadoodle
Shihpoo: Shih Poo
Whoodle
Yorkipoo: Yorkiepoo
"""
"""Crosses that go by a name of their own."""
