/*
 * memory/words_kinds.c: what is of a kind.
 *
 * "Which sports does she play?" is answered by "We won at tennis": a question names the kind and
 * the answer the thing, and no word is the same. The table has for the kinds that people are asked
 * about the members that come to mind first, as in the category norms of psychology: nothing that
 * is rare, and no attempt at all there is. "When" and "where" are kinds, too. Lexemes of the
 * english configuration, as in memory/words.c; a member that is a kind itself lends only its name.
 */
#include "memory/rank.h"

typedef struct WordKind
{
	const char *kind;
	const char *members; /* each followed by a space */
} WordKind;

static const WordKind kinds[] = {
	{"accid", "crash collis "},
	{"activ", "read write paint draw cook bake garden hike camp swim run bike fish knit sew "
			  "danc yoga picnic bowl skate ski climb kayak museum beach "},
	{"allergi", "allerg peanut nut gluten dairi lactos pollen shellfish "},
	{"anim", "dog puppi cat kitten hors poni bird fish cow pig goat sheep lion tiger eleph "
			 "bear wolf fox deer mous rat dolphin whale monkey rabbit turtl snake frog duck "
			 "chicken butterfli bee owl "},
	{"applianc", "fridg oven dishwash washer dryer microwav toaster "},
	{"appoint", "doctor dentist meet interview "},
	{"art", "paint draw sketch sculptur sculpt portrait canva photographi galleri mural "
			"exhibit artist museum "},
	{"artist", "painter sculptor singer musician "},
	{"artwork", "paint draw sketch sculptur portrait canva mural "},
	{"award", "win prize medal trophi "},
	{"band", "concert album song singer guitar drum "},
	{"beverag", "water soda juic tea milk coffe lemonad beer wine cocktail smoothi "},
	{"bird", "eagl robin crow sparrow parrot owl duck goos swan pigeon hawk hummingbird "
			 "seagul "},
	{"birthday", "cake parti "},
	{"bodi", "leg arm finger foot head toe eye hand nose ear knee back "},
	{"book", "novel magazin author read stori librari chapter "},
	{"brand", "nike adida appl samsung soni toyota "},
	{"build", "hous apart church school hospit tower offic "},
	{"busi", "compani store shop startup custom client owner entrepreneur "},
	{"car", "toyota honda ford bmw audi tesla jeep merced chevrolet drive suv truck "},
	{"career", "job doctor teacher lawyer nurs engin manag chef design programm develop "
			   "account counselor therapist promot "},
	{"chariti", "donat fundrais volunt shelter "},
	{"child", "son daughter babi toddler "},
	{"citi", "london pari rome berlin madrid barcelona tokyo york chicago boston seattl "
			 "angel francisco toronto sydney dublin "},
	{"cloth", "shirt pant sock underwear shoe hat short jacket sweater jean coat skirt dress "
			  "glove scarf boot "},
	{"color", "blue red green yellow orang purpl black white pink brown gray grey "},
	{"competit", "contest tournament win compet race prize trophi "},
	{"comput", "laptop keyboard mous monitor screen "},
	{"contact", "phone email address number "},
	{"contest", "competit tournament prize win "},
	{"countri", "america canada mexico england franc germani itali spain portug greec ireland "
				"scotland sweden norway poland russia china japan korea india thailand "
				"australia brazil egypt turkey "},
	{"craft", "knit sew crochet woodwork jewelri quilt embroideri scrapbook origami "},
	{"crime", "murder rape robberi theft burglari assault arson fraud "},
	{"cuisin", "italian mexican chines japanes thai indian french greek korean "},
	{"danc", "ballet tango salsa waltz tap swing ballroom "},
	{"degre", "bachelor master phd univers colleg graduat diploma "},
	{"dessert", "cake cooki pie chocol browni pud tart cupcak muffin cheesecak "},
	{"destin", "beach citi island mountain pari london rome itali spain japan "},
	{"devic", "phone laptop comput tablet camera watch "},
	{"diet", "vegan vegetarian gluten keto dairi meat sugar carb "},
	{"diseas", "cancer aid diabet flu cold measl malaria "},
	{"dish", "pizza pasta salad soup sandwich burger rice chicken steak sushi taco curri "
			 "noodl lasagna stew recip "},
	{"drink", "water soda coke juic tea milk coffe lemonad beer vodka rum wine gin whiskey "
			  "tequila cocktail smoothi "},
	{"educ", "school univers colleg degre class cours studi graduat student diploma "},
	{"emot", "happi sad angri mad excit nervous proud scare anxious grate frustrat lone "},
	{"event", "wed parti concert festiv confer parad workshop race birthday ceremoni fair "
			  "exhibit "},
	{"exam", "test quiz final grade midterm "},
	{"exercis", "run jog walk gym yoga swim workout weight pilat stretch cardio hike bike lift "
				"fit "},
	{"famili", "mother father brother sister son daughter husband wife aunt uncl cousin "
			   "grandmoth grandfath niec nephew parent kid child sibl "},
	{"feel", "happi sad angri excit nervous proud scare anxious grate reliev frustrat "
			 "overwhelm "},
	{"financ", "debt loan salari budget save invest mortgag "},
	{"fish", "salmon trout tuna shark bass cod goldfish "},
	{"fit", "run jog gym yoga swim workout weight pilat exercis "},
	{"flower", "rose daisi tulip lili carnat sunflow violet daffodil orchid "},
	{"food", "pizza pasta salad soup sandwich burger cake bread rice chicken beef fish steak "
			 "sushi taco chees curri noodl cooki pie chocol egg dinner lunch breakfast meal "
			 "cook eat "},
	{"friend", "buddi pal roommat neighbor "},
	{"fruit", "appl orang banana grape pear peach strawberri kiwi pineappl watermelon plum "
			  "grapefruit mango cherri lemon blueberri "},
	{"furnitur", "chair couch tabl bed desk sofa lamp dresser bookshelf "},
	{"gadget", "phone laptop comput tablet camera watch "},
	{"game", "chess poker puzzl card board monopoli checker nintendo xbox playstat consol "},
	{"genr", "rock jazz classic pop blue rap folk metal regga fantasi mysteri romanc "
			 "thriller comedi drama horror fiction "},
	{"gift", "present "},
	{"health", "sick doctor hospit surgeri pain diet weight allergi asthma diabet injuri ill "},
	{"hobbi", "read write paint draw sketch cook bake garden hike camp fish knit sew "
			  "photographi collect danc sing guitar piano chess puzzl surf ski climb kayak "},
	{"holiday", "christma easter thanksgiv halloween hanukkah "},
	{"home", "hous apart "},
	{"hous", "home apart rent mortgag cabin mansion "},
	{"ill", "cancer diabet flu cold allergi asthma fever sick hospit diseas "},
	{"ingredi", "salt pepper garlic sugar flour butter egg milk chees onion tomato "},
	{"injuri", "ankl knee wrist broken sprain fractur hurt hospit concuss "},
	{"insect", "fli ant spider bee mosquito beetl butterfli moth wasp ladybug "},
	{"instrument", "guitar piano violin drum flute clarinet saxophon cello trumpet trombon tuba "
				   "harp keyboard viola banjo harmonica organ ukulel "},
	{"jewelri", "necklac ring bracelet earring diamond rubi emerald gold silver "},
	{"job", "doctor teacher lawyer nurs engin polic firefight secretari dentist account "
			"manag chef waiter design programm develop counselor therapist hire boss career "
			"salari interview "},
	{"landmark", "tower bridg castl statu museum cathedr "},
	{"languag", "english spanish french german italian portugues chines mandarin japanes korean "
				"arab russian hindi "},
	{"marri", "husband wife wed marriag spous "},
	{"marriag", "husband wife wed divorc "},
	{"meal", "breakfast lunch dinner supper brunch pizza pasta salad soup sandwich "},
	{"media", "instagram facebook twitter youtub tiktok "},
	{"medic", "pill medicin ibuprofen aspirin antibiot insulin dose prescript "},
	{"medicin", "pill ibuprofen aspirin antibiot insulin dose prescript "},
	{"money", "dollar pay debt loan salari cost price afford budget "},
	{"movi", "film cinema actor director netflix "},
	{"music", "song sing singer band concert album jazz rock classic pop blue rap folk metal "
			  "regga countri musician guitar piano violin "},
	{"musician", "singer band guitarist pianist drummer compos artist song album concert "},
	{"nation", "american canadian mexican british french german italian spanish irish polish "
			   "russian chines japanes indian "},
	{"natur", "forest mountain beach lake river park trail ocean waterfal tree flower desert "
			  "canyon "},
	{"occup", "job career doctor teacher lawyer nurs engin manag chef design programm develop "
			  "account counselor therapist "},
	{"outdoor", "hike camp climb kayak cano fish trail mountain forest beach lake park picnic "
				"garden bike "},
	{"parent", "mother father "},
	{"partner", "husband wife boyfriend girlfriend fianc "},
	{"pet", "dog puppi cat kitten hamster rabbit bunni parrot goldfish turtl tortois snake "
			"lizard ferret adopt "},
	{"place", "park beach museum citi town mountain lake cafe restaur "},
	{"plant", "flower tree rose tulip sunflow herb succul cactus fern "},
	{"platform", "instagram facebook twitter youtub tiktok websit "},
	{"present", "gift "},
	{"profess", "job career doctor teacher lawyer nurs engin manag chef design programm develop "
				"account counselor therapist "},
	{"read", "book novel magazin "},
	{"recip", "cook bake pasta salad soup cake bread chicken curri cooki pie "},
	{"relat", "mother father brother sister son daughter aunt uncl cousin grandmoth grandfath "
			  "niec nephew parent "},
	{"relationship", "boyfriend girlfriend husband wife date singl divorc breakup engag "},
	{"religi", "church faith god pray prayer mosqu templ synagogu bibl "},
	{"religion", "church faith god pray prayer mosqu templ synagogu bibl "},
	{"restaur", "dinner lunch cafe menu sushi pizza "},
	{"room", "kitchen bathroom bedroom basement garag attic "},
	{"school", "class teacher student grade univers colleg exam princip "},
	{"scienc", "chemistri biolog physic psycholog geolog astronomi botani "},
	{"season", "spring summer autumn winter "},
	{"show", "seri episod season netflix "},
	{"sibl", "brother sister twin "},
	{"snack", "chip popcorn cooki fruit nut chocol cracker pretzel candi "},
	{"spice", "salt pepper garlic sugar oregano basil cinnamon vanilla ginger "},
	{"sport", "footbal basketbal soccer basebal tenni hockey swim golf volleybal softbal "
			  "lacross rugbi track wrestl gymnast skate ski snowboard surf box karat "
			  "badminton cricket cycl marathon "},
	{"spous", "husband wife "},
	{"state", "california texa florida oregon colorado arizona nevada georgia virginia ohio "
			  "michigan hawaii alaska "},
	{"studi", "univers colleg degre cours class exam "},
	{"subject", "math physic chemistri biolog histori literatur geographi psycholog scienc "},
	{"symptom", "pain fever cough headach nausea rash fatigu dizzi "},
	{"team", "player coach teammat leagu "},
	{"tool", "hammer nail screwdriv drill wrench ladder "},
	{"tournament", "competit win prize match "},
	{"toy", "doll ball car truck lego puzzl block bear "},
	{"transport", "car bus train bike subway taxi plane ferri "},
	{"travel", "trip flight hotel vacat visit tour "},
	{"treatment", "surgeri therapi medic medicin physiotherapi "},
	{"tree", "oak pine mapl birch elm palm willow "},
	{"trip", "travel flight hotel vacat visit tour "},
	{"utensil", "knife spoon fork spatula pan pot whisk "},
	{"vacat", "trip travel hotel beach flight "},
	{"veget", "carrot lettuc broccoli tomato potato cucumb pea corn celeri onion spinach "
			  "pepper cabbag bean "},
	{"vehicl", "car truck bus bike motorcycl van train boat airplan suv scooter "},
	{"volunt", "shelter chariti donat communiti "},
	{"weather", "rain snow sunni storm hurrican tornado wind hail thunder "},
	{"wed", "bride groom marriag "},
	{"when", "yesterday today tonight tomorrow last next ago week weekend month year monday "
			 "tuesday wednesday thursday friday saturday sunday januari februari april june "
			 "juli august septemb octob novemb decemb "},
	{"where", "park beach citi town store shop restaur cafe hotel mountain lake river home "
			  "street countri gym school church hospit librari museum offic local near "},
	{"wildlif", "anim bird bear wolf fox deer dolphin whale eagl owl turtl snake frog squirrel "
				"moos "},
};

static const char *
members_of(const char *lexeme, int length)
{
	for (int i = 0; i < lengthof(kinds); i++)
		if (strlen(kinds[i].kind) == length && pg_strncasecmp(kinds[i].kind, lexeme, length) == 0)
			return kinds[i].members;
	return NULL;
}

bool
word_members(const char *lexeme, int length, void (*take)(const char *, int, void *), void *context)
{
	const char *at = members_of(lexeme, length);

	StaticAssertStmt(lengthof(kinds) <= WORD_KINDS_MAX, "WORD_KINDS_MAX is too low");
	if (at == NULL)
		return false;
	for (const char *end; *at; at = end + 1)
	{
		end = strchr(at, ' ');
		take(at, (int)(end - at), context);
	}
	return true;
}
