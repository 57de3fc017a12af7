"""The names of breeds in European registers: German, French, Spanish, Italian and Dutch."""

__all__ = ["CATS", "DOGS"]

DOGS = """
Affenpinscher: Griffon Singe
Afghan Hound: Afghanischer Windhund, Afghane, Levrier Afghan, Lebrel Afgano, Levriero Afgano, Afghaanse Windhond
Airedale Terrier: Airedaleterrier
Alaskan Malamute: Alaska Malamute
American Pit Bull Terrier: Amerikanischer Pitbull, Amerikanischer Pit Bull Terrier, Amerikanischer Pitbull Terrier
American Staffordshire Terrier: American Staffordshireterrier, Amerikanischer Staffordshire Terrier, Amerikaanse Staffordshire Terrier
Anatolian Shepherd Dog: Anatolischer Hirtenhund, Berger d'Anatolie, Pastor de Anatolia, Pastore dell'Anatolia, Anatolische Herder
Appenzeller Sennenhund: Bouvier Appenzellois, Bouvier d'Appenzell, Boyero de Appenzell, Bovaro dell'Appenzell
Australian Cattle Dog: Australischer Treibhund, Bouvier Australien, Boyero Australiano, Australische Veedrijvershond
Australian Shepherd: Australischer Schaferhund, Berger Australien, Pastor Australiano, Ovejero Australiano, Pastore Australiano, Australische Herder
Basset Hound: Basset Hond
Beagle: Bigle
Bearded Collie: Collie Barbu
Beauceron: Berger de Beauce
Belgian Malinois: Belgischer Schaferhund Malinois, Malinois Belgischer Schaferhund, Berger Belge Malinois, Pastor Belga Malinois, Pastore Belga Malinois, Mechelse Herder, Mechelaar
Belgian Sheepdog: Berger Belge Groenendael, Belgischer Schaferhund Groenendael, Groenendaeler, Pastor Belga Groenendael
Belgian Shepherd Dog: Belgischer Schaferhund, Berger Belge, Pastor Belga, Pastore Belga, Belgische Herder, Belgische Herdershond
Belgian Tervuren: Berger Belge Tervueren, Belgischer Schaferhund Tervueren, Tervueren, Tervuerense Herder
Bergamasco Sheepdog: Pastore Bergamasco, Berger de Bergame, Bergamasker Hirtenhund
Bernese Mountain Dog: Berner Sennenhund, Berner Sennen, Bouvier Bernois, Boyero de Berna, Boyero Bernes, Bovaro del Bernese, Bovaro Bernese
Bichon Frise: Bichon a Poil Frise, Bichon Friseur, Bichon Frisee, Bichon Rizado
Bolognese: Bichon Bolognais, Bologneser
Border Collie: Bordercollie
Border Terrier: Borderterrier
Borzoi: Barsoi, Levrier Russe, Russischer Windhund
Boston Terrier: Bostonterrier
Boxer: Deutscher Boxer, Boxeur, Duitse Boxer
Briard: Berger de Brie
Brittany: Bretonischer Spaniel, Epagneul Breton, Breton, Spaniel Breton, Bretonse Spaniel
Brussels Griffon: Brusseler Griffon, Griffon Belge, Grifon de Bruselas
Bull Terrier: Bullterrier
Cairn Terrier: Cairnterrier
Cane Corso: Cane Corso Italiano
Caucasian Shepherd Dog: Kaukasischer Schaferhund, Kaukasischer Owtscharka, Berger du Caucase, Pastor del Caucaso, Pastore del Caucaso, Kaukasische Owcharka
Cavalier King Charles Spaniel: Cavalier King Charles Spaniels, Cavalier King Karl Spaniel
Chihuahua: Chihuahueno, Chihuahua Kurzhaar, Chihuahua Langhaar, Chihuahua a Poil Court, Chihuahua a Poil Long, Chihuahua Kurzhaarig, Chihuahua Langhaarig, Chihuahua Korthaar, Chihuahua Pelo Corto, Chihuahua Pelo Largo, Chihuahua a Pelo Corto, Chihuahua a Pelo Lungo, Kurzhaar Chihuahua, Langhaar Chihuahua
Chinese Crested: Chinesischer Schopfhund, Chien Chinois a Crete, Crestado Chino, Cane Crestato Cinese, Chinese Naakthond
Chow Chow: Chow-Chow
American Cocker Spaniel: Amerikanischer Cocker Spaniel, Amerikanischer Cockerspaniel, Cocker Americain, Cocker Americano
Rough Collie: Langhaarcollie, Collie Langhaar, Colley a Poil Long, Schotse Herder Langhaar, Schottischer Schaferhund, Colley
Smooth Collie: Kurzhaarcollie, Collie Kurzhaar, Colley a Poil Court
Coton de Tulear: Coton de Tulear Hund, Baumwollhund
Dachshund: Dackel, Teckel, Dachel, Kurzhaardackel, Rauhaardackel, Langhaardackel, Dackel Rauhaar, Dackel Kurzhaar, Dackel Langhaar, Rauhhaardackel, Teckel a Poil Dur, Teckel a Poil Ras, Teckel a Poil Court, Teckel a Poil Long, Perro Salchicha, Bassotto, Bassotto Tedesco, Tekkel, Ruwharige Teckel, Langharige Teckel, Kortharige Teckel, Teckel Kurzhaar, Teckel Rauhaar, Teckel Langhaar, Dachshund Short Haired, Dachshund Shorthaired
Miniature Dachshund: Zwergdackel, Zwergteckel, Kaninchendackel, Teckel Nain, Kaninchenteckel, Teckel Miniatura, Bassotto Nano, Dwergteckel
Dalmatian: Dalmatiner, Dalmatien, Dalmata, Dalmatische Hond
Doberman Pinscher: Dobermann Pinscher, Dobermannpinscher
Dogo Argentino: Argentinische Dogge, Dogue Argentin
Dogue de Bordeaux: Bordeauxdogge, Bordeaux Dogge, Dogo de Burdeos, Bordeauxdog
Dutch Shepherd: Hollandischer Schaferhund, Berger Hollandais, Hollandse Herder, Pastor Holandes
English Bulldog: Englische Bulldogge, Bouledogue Anglais, Bulldog Ingles, Bulldog Inglese, Engelse Bulldog
English Cocker Spaniel: Englischer Cocker Spaniel, Englischer Cockerspaniel, Cocker Anglais, Cocker Spaniel Anglais, Cocker Spaniel Ingles, Cocker Spaniel Inglese, Cocker Ingles, Engelse Cocker Spaniel
English Mastiff: Englischer Mastiff, Mastiff Anglais, Mastin Ingles, Mastino Inglese
English Setter: Englischer Setter, Setter Anglais, Setter Ingles, Setter Inglese, Engelse Setter
English Springer Spaniel: Englischer Springer Spaniel, Springer Anglais
Entlebucher Mountain Dog: Entlebucher Sennenhund, Bouvier de l'Entlebuch, Bovaro dell'Entlebuch
Finnish Lapphund: Finnischer Lapphund, Suomenlapinkoira
Flat-Coated Retriever: Flatcoated Retriever, Flat Coat Retriever
French Bulldog: Franzosische Bulldogge, Franz Bulldogge, Bouledogue Francais, Bulldog Frances, Bulldog Francese, Bouledogue Francese, Franse Bulldog
German Shepherd Dog: Deutscher Schaferhund, Dt Schaferhund, Schaferhund Deutscher, Altdeutscher Schaferhund, Berger Allemand, Pastor Aleman, Pastore Tedesco, Duitse Herder, Duitse Herdershond, Alsacien
German Shorthaired Pointer: Deutsch Kurzhaar, Deutsch-Kurzhaar, Deutscher Kurzhaar, Braque Allemand, Braco Aleman, Bracco Tedesco, Duitse Staande Korthaar, German Short Haired Pointer
German Wirehaired Pointer: Deutsch Drahthaar, Deutsch-Drahthaar, Drahthaar, Duitse Staande Draadhaar, German Wire Haired Pointer
German Spitz: Deutscher Spitz, Spitz Allemand, Spitz Tedesco, Spitz Aleman, Duitse Spits, Keeshond Spitz, Spitz Deutscher
Giant Schnauzer: Riesenschnauzer, Schnauzer Geant, Schnauzer Gigante, Riesenschnauzer Schwarz
Golden Retriever: Goldenretriever
Great Dane: Deutsche Dogge, Dogue Allemand, Gran Danes, Dogo Aleman, Alano Tedesco, Duitse Dog
Great Pyrenees: Pyrenaenberghund, Pyrenaen Berghund, Chien de Montagne des Pyrenees, Montagne des Pyrenees, Patou, Mastin del Pirineo Frances, Cane da Montagna dei Pirenei, Pyreneese Berghond
Greater Swiss Mountain Dog: Grosser Schweizer Sennenhund, Grand Bouvier Suisse, Gran Boyero Suizo, Grande Bovaro Svizzero, Grote Zwitserse Sennenhond
Greyhound: Levrier Anglais, Englischer Windhund
Havanese: Havaneser, Bichon Havanais, Bichon Habanero, Bichon Avanese, Havanais
Hovawart: Hovawarth
Irish Setter: Irischer Setter, Setter Irlandais, Setter Irlandes, Setter Irlandese, Ierse Setter, Irish Red Setter
Irish Terrier: Irischer Terrier
Irish Wolfhound: Irischer Wolfshund, Levrier Irlandais, Lobero Irlandes, Ierse Wolfshond
Italian Greyhound: Italienisches Windspiel, Windspiel, Petit Levrier Italien, Levrette d'Italie, Piccolo Levriero Italiano, Galgo Italiano, Italiaans Windhondje
Jack Russell Terrier: Jack Russel, Jack Russel Terrier, Jack-Russell-Terrier, Jackrussell
Jagdterrier: Deutscher Jagdterrier
Keeshond: Wolfsspitz, Spitz Loup
Kooikerhondje: Kooiker Hondje
Labrador Retriever: Labradorretriever, Retriever du Labrador
Lagotto Romagnolo: Lagotto Romagnol
Lhasa Apso: Lhassa Apso, Lasa Apso
Maltese: Malteser, Bichon Maltais, Maltais, Bichon Maltes, Maltes, Maltezer
Maremma Sheepdog: Maremmen Abruzzen Schaferhund, Berger de la Maremme, Pastore Maremmano, Cane da Pastore Maremmano Abruzzese, Maremmano
Miniature Bull Terrier: Miniatur Bullterrier, Miniature Bullterrier, Bull Terrier Miniature
Miniature Pinscher: Zwergpinscher, Rehpinscher, Pinscher Nain, Pinscher Miniatura, Pinscher Nano, Dwergpinscher
Miniature Poodle: Zwergpudel, Caniche Nain, Caniche Enano, Barboncino Nano, Dwergpoedel
Miniature Schnauzer: Zwergschnauzer, Schnauzer Nain, Schnauzer Miniatura, Schnauzer Nano, Dwergschnauzer, Schnauzer Mini
Neapolitan Mastiff: Mastino Napoletano, Matin de Naples, Mastin Napolitano
Newfoundland: Neufundlander, Terre Neuve, Terranova, Newfoundlander
Norwegian Elkhound: Norwegischer Elchhund
Old English Sheepdog: Bobtail Old English Sheepdog, Altenglischer Schaferhund
Papillon: Epagneul Nain Continental, Continental Toy Spaniel, Kontinentaler Zwergspaniel, Epagneul Papillon
Parson Russell Terrier: Parson Russel Terrier, Parson Jack Russel Terrier
Pekingese: Pekinese, Pekingnese, Pekinois, Pequines, Pechinese
Pomeranian: Zwergspitz, Spitz Nain, Pomerania, Lulu de Pomerania, Volpino di Pomerania, Dwergkees, Loulou de Pomeranie, Pomeranian Spitz, Pomeranien
Poodle: Pudel, Caniche, Barbone, Barboncino, Poedel
Portuguese Water Dog: Portugiesischer Wasserhund, Chien d'Eau Portugais, Perro de Agua Portugues, Cao de Agua Portugues
Pug: Mops, Carlin, Carlino, Mopshond, Doguillo
Pyrenean Shepherd: Berger des Pyrenees, Pastor de los Pirineos, Pyrenaenschaferhund
Rhodesian Ridgeback: Chien de Rhodesie
Rottweiler: Rottweiler Hund
Saint Bernard: Bernhardiner, St Bernhardshund, Sankt Bernhardshund, St Bernhardiner, Saint-Bernard, San Bernardo, Sint Bernard, Saint Bernard Hund
Saluki: Persischer Windhund
Samoyed: Samojede, Samojedo, Samoyede, Samoiedo, Samojeed
Scottish Terrier: Schottischer Terrier, Terrier Ecossais, Schotse Terrier
Shetland Sheepdog: Berger des Shetland, Shetland Schaferhund, Pastor de Shetland
Shih Tzu: Shi-Tzu, Shih-Tzu, Shitzu
Siberian Husky: Sibirischer Husky, Husky Siberien, Husky Siberiano, Husky de Siberie, Siberische Husky, Husky Sibirien
Spanish Mastiff: Mastin Espanol, Mastin, Spanischer Mastiff
Spanish Water Dog: Perro de Agua Espanol, Perro de Agua, Spanischer Wasserhund
Staffordshire Bull Terrier: Staffordshire Bullterrier, Staffordshirebullterrier, Staffbull
Standard Poodle: Grosspudel, Konigspudel, Grand Caniche, Caniche Royal, Caniche Grande, Koningspoedel, Gran Caniche
Poodle: Kleinpudel, Mittelpudel, Caniche Moyen, Caniche Mediano, Middenslagpoedel, Pudel, Caniche, Barbone, Barboncino, Poedel
Toy Poodle: Toypudel, Toy Pudel, Caniche Toy, Barboncino Toy, Toypoedel
Standard Schnauzer: Mittelschnauzer, Schnauzer Moyen, Schnauzer Mediano, Schnauzer Medio, Middenslag Schnauzer
Vizsla: Magyar Vizsla, Ungarischer Vizsla, Braque Hongrois, Braco Hungaro, Bracco Ungherese, Kurzhaariger Ungarischer Vorstehhund
Weimaraner: Braque de Weimar, Braco de Weimar
West Highland White Terrier: West Highland Terrier, West-Highland-White-Terrier, West Highland Whiteterrier
Whippet: Wippet
White Swiss Shepherd Dog: Weisser Schweizer Schaferhund, Weisser Schaferhund, Pastor Blanco Suizo, Pastore Svizzero Bianco, Zwitserse Witte Herder, Berger Blanc, Berger Suisse Blanc
Yorkshire Terrier: Yorkshireterrier, Yorkshire-Terrier
Kangal: Kangalischer Hirtenhund, Kangal Hirtenhund, Berger Kangal
Podenco Canario: Podenco Kanarischer
Ibizan Hound: Podenco Ibicenco, Podenco d'Ibiza
Galgo Espanol: Spanischer Windhund, Levrier Espagnol
Appenzeller Sennenhund: Appenzeller Sennenhund Mischling
Spinone Italiano: Spinone Italien
Bracco Italiano: Braque Italien
Segugio Italiano: Segugio
Drentsche Patrijshond: Drentse Patrijshond, Drent
Stabyhoun: Stabij, Stabijhoun, Friese Stabij
Frisian Water Dog: Wetterhoun
Bouvier des Flandres: Vlaamse Koehond, Flandrischer Treibhund
Bavarian Mountain Hound: Bayerischer Gebirgsschweisshund
Tibetan Mastiff: Do Khyi, Dogue du Tibet, Mastin Tibetano
Tibetan Terrier: Tibet Terrier, Tibetterrier, Terrier Tibetain
Tibetan Spaniel: Tibet Spaniel, Epagneul Tibetain
Polish Lowland Sheepdog: PON, Polski Owczarek Nizinny
Small Munsterlander: Kleiner Munsterlander, Petit Munsterlander
Large Munsterlander: Grosser Munsterlander
Czechoslovakian Vlcak: Tschechoslowakischer Wolfshund, Tschechoslowakischer Wolfhund, Chien Loup Tchecoslovaque, Perro Lobo Checoslovaco, Lupo Cecoslovacco
Saarloos Wolfdog: Saarlooswolfhund, Saarlooswolfhond
Russian Tsvetnaya Bolonka: Bolonka Zwetna, Zwetnaja Bolonka
Biewer Terrier: Biewer Yorkshire Terrier
"""

CATS = """
Abyssinian: Abessinier, Abyssin, Abisinio, Abissino, Abessijn
American Shorthair: Amerikanisch Kurzhaar, American Short Hair, American Short Haired, Americain a Poil Court
Bengal: Bengale, Bengali, Bengalkatze, Bengala, Bengaal
Birman: Birma, Heilige Birma, Sacre de Birmanie, Sagrado de Birmania, Sacro di Birmania, Heilige Birmaan
British Longhair: Britisch Langhaar, British Long Hair, British Long Haired, Britse Langhaar
British Shorthair: Britisch Kurzhaar, Britischkurzhaar, BKH, British Short Hair, British Short Haired, Brits Korthaar, Britse Korthaar, Britannico, Britannique, Britanico de Pelo Corto, Kartauser Britisch
Burmese: Burma, Birmano, Burmees
Chartreux: Kartauser, Chartreuse, Certosino, Cartujo
Colorpoint Shorthair: Colorpoint Short Hair, Colorpoint Short Haired
Devon Rex: Devonrex
Domestic Longhair: Hauskatze Langhaar, Langhaar Hauskatze, Hauskatze Langhaarig, Europaisch Langhaar, Langhaarkatze, Domestique Poil Long, Comun Pelo Largo, Domestico a Pelo Lungo, Europees Langhaar, DLH Cat
Domestic Mediumhair: Halblanghaar, Hauskatze Halblanghaar, Poil Mi Long
Domestic Shorthair: Hauskatze, Hauskatze Kurzhaar, Kurzhaar Hauskatze, Hauskatze Kurzhaarig, Kurzhaarkatze, Bauernhofkatze, Chat de Gouttiere, Gouttiere, Chat Domestique, Chat de Maison, Domestique Poil Court, Comun, Gato Comun, Gato Domestico, Comun Pelo Corto, Comun de Pelo Corto, Gatto Domestico, Domestico a Pelo Corto, Comune, Gatto Comune, Huiskat, Gewone Huiskat, Kat Huiskat
European Shorthair: EKH, Gatto Europeo, Gato Europeo, Chat Europeen, Europaisch Kurzhaar, Europaische Kurzhaar, Europaische Kurzhaarkatze, European Short Hair, European Short Haired, Europeen, Europeen a Poil Court, Europeo, Europeo Comun, Europeo de Pelo Corto, Comun Europeo, Europeo a Pelo Corto, Europees Korthaar, Europese Korthaar
Exotic Shorthair: Exotisch Kurzhaar, Exotic Short Hair, Exotic Short Haired, Exotic Kurzhaar
Himalayan: Himalaya, Colourpoint, Colorpoint
Maine Coon: Main Coon, Mainecoon
Norwegian Forest Cat: Norwegische Waldkatze, Norweger, Chat des Forets Norvegiennes, Norvegien, Bosque de Noruega, Gato del Bosque de Noruega, Norvegese delle Foreste, Gatto delle Foreste Norvegesi, Noorse Boskat
Oriental Shorthair: Orientalisch Kurzhaar, Oriental Short Haired, Orientalisk Kurzhaar
Persian: Perser, Perserkatze, Persan, Persa, Persiano, Pers
Ragdoll: Ragdol
Russian Blue: Russisch Blau, Bleu Russe, Azul Ruso, Blu di Russia, Blauwe Rus
Scottish Fold: Schottische Faltohrkatze
Siamese: Siam, Siamkatze, Siamois, Siames, Siamees
Siberian: Sibirische Katze, Sibirier, Siberien, Siberiano, Siberische Kat, Sibirische Waldkatze
Somali: Somalikatze
Sphynx: Canadian Sphynx, Sphinxkatze, Esfinge
Turkish Angora: Turkisch Angora, Angora Turc, Angora Turco, Turkse Angora, Angorakatze
Turkish Van: Turkisch Van, Turkse Van
"""
