/**
 * How common words are in technical English, as far as that can be known without the documents at hand: line k of the
 * table holds the stems (see `light-stem.ts`) that stand in between 2^-(k+1) and 2^-k of all passages of 2,000
 * characters. Counted in the documentation of Python 3.11, Node.js 18 and Linux 6.1 as Debian 12 packages it
 * (`python3.11-doc`, `nodejs-doc`, `linux-doc-6.1`); of the three shares, the median counts, so that a word that is
 * common in one field only is not taken for a common word. `bench/quality/count-common-words.ts` counts anew.
 */
export const COMMON_WORDS: readonly string[] = [
  // In more than a half of all passages.
  `an and are as be by can for from if in is it not object of on or return that the this to with`,
  // In more than a quarter of all passages.
  `all also any argu at but call code creat data default error exampl file follow funct has have may method name
   new no number one only other provid set should string support type use used using valu when which will you`,
  // In more than an eighth of all passages.
  `ad after allow availabl been befor block byte case chang class contain current defin do doe each except fals
   first get given handl http import includ inform instanc instead into its like list make modul more must need
   note now operat option optional order parameter pass path print process read request requir result run same see
   size so some specifi specific start stat such system than then ther thes they time true two user version was way
   wher work writ`,
  // In more than 1/16 of all passages.
  `about abov accept access actual add additional alloc already alway another api applic arg associ attribut
   automatical bas becaus behavior being between bit both buffer cannot caus character check clos com command
   common complet configur connect const constructor content context control correspond could depend deprec describ
   descript detail different direct directory disabl document doesn don either enabl encod end entry environ even
   event execut exist exit expect explicit fail featur field find flag format found gener header here host how
   however id ignor impl implement index indic input int integer interfac internal issu just key last length level
   limit line link load local long longer look main many map max maximum mean memory messag mode most multipl net
   next node non normal null once open org otherwis out output over part platform point port possibl previous
   program protocol rang receiv ref referenc remov represent script second section send server similar sinc singl
   socket sourc specify standard status still stor stream structur sys take test text their them thos thread
   through try under up usual valid via want warn we well what whether whil window within without would written
   your zero`,
  // In more than 1/32 of all passages.
  `action activ addit address affect alternativ amount apply appropri array assert assign assum async attach
   attempt avoid back base basic becom begin below binary build built cach callback certain channel char child
   clear client collect combin compatibility compil condit config consider constant construct continu controller
   convert copy correct count custom date debug definit descriptor determin developer dir display doc docu done due
   dur effect else empty ensur entir equal equivalent etc every exact export expos express extend extens external
   failur fd filenam final fix foo form fram free fs full func futur general give global group handler help high
   hold html identifier info init initial initializ install introduc invalid invok io itself keep know later least
   left less let lib locat lock log loop macro made manag mark match might modify much my nam necessary network
   never none numeric occur offset often old original os own packag pair pars particular per perform performanc
   plac pointer posix prefix present prevent problem produc property purpos put queu rather raw re real reason
   recommend record refer register relat relativ releas remain replac report resourc respectiv retriev rfc right
   root rule runtim safe search select sent separ sequenc several shar show side signal simp simpl skip someth spac
   special ssl stack static stdout stop strict successful suppli tabl target termin therefor thing though thre
   timeout too tool top trac track tree trigger typical unless until updat us usag useful utf variabl various very
   vm wait were whos wrap www`,
  // In more than 1/64 of all passages.
  `abc able absolut abstract accord across advanc again against algorithm alia along although anyth ap appear
   append appli approach argv around ascii asynchronous author auto await awar bar behav behaviour best better big
   bind body boolean bound break buf bug calcul caller captur care catch chain clean color column come comment
   communic compar compatibl complex component compress comput consist consol consum core cpu customiz declar decod
   delay delet dependent deriv design desir destin detect develop differenc discuss distribut doing domain doubl
   down dump easy element embed emit en encounter encrypt enter enum err especial eval evalu exec executabl explain
   extra fact fami fast few filesystem fill filter finish flow flush forc forward fully functionality further
   garbag generator generic go good greater guarant had hand happen hash hav head hello higher hook hostnam
   identical identify idle immediat implicit important improv individual inherit insert insid inspect instanti
   instruct intend interest interpret interrupt interval ip isn item iterat iterator join keyword kind known
   languag larg larger lead leav legacy len library linux littl loader logic lookup low lower ls mac machin mail
   maintain major mak manual mechanism member miss modifi move msg multi namespac nativ negativ nest noth obj
   obtain off older omit operator optimiz our outsid overrid page param parent patch pattern pend permiss permit
   pipe pleas policy posit positiv possib post potential pre prefer primary prior privat probab product project
   proper public query quit random reach readabl readlin ready recent recursiv reduc regardless regular remot reset
   resolut resolv respons restor restrict resum rst sampl save say schedul scop security semantic servic session
   setup shell short shown sign signatur significant slot small softwar sometim sort spe spec split stabl stderr
   stdin step storag struct styl sub subprocess subsequent success supp sure switch symbol sync synchronous
   synopsis syntax tag taken task tcp tell term third thus tim timer timestamp together total trail transfer
   transform transl treat turn txt typ uniqu unix unknown unlik unsign upon url utility variant verify view virtual
   void web whenever why wide width wiki won word world wrapper yet`,
  // In more than 1/128 of all passages.
  `ability abort ac accessibl account achiev acquir act addr adjust advantag af align aliv allocator almost
   anonymous answer app arbitrary archiv area aren articl ask attack attr authentic automatic availability away
   background backward bad bash belong benefit bin blob bool bottom boundary box broken browser builtin button ca
   cancel cancell capability careful category caught cc cert certific chapter charset children choic choos chosen
   chunk cleanup clon cluster cmd co cod codec commit comparison compiler complic compos computer concaten concept
   concurrent configurabl confus consistent consumer container controll convenienc convent convers coordin copi
   copyright counter cours cover cp crash critical cross crypto cs ctrl cursor cycl de deal debugger decimal
   decoder dependency depth dest destroy dev devic did differ digest discard disconnect disk distinct divid
   download drop duplic durat dynamic dynamical earlier early easi easier echo ed effectiv efficient effort email
   emulat encoder endian enforc engin enhanc enough enumer env equality errno es escap establish eventual ever
   everyth exce exchang exclud exclusiv expand ext extract fall fallback far faster fetch finaliz fine fit fork
   former four frag framework fre frequent gain gc gid github gnu goe going got guid gzip half hard he heap held
   helper helpful henc hex hide hierarchy hint history home idea identifi identity illustr imag impact incom
   incorrect incr increas independent indirect infinity initi inlin integrity interact introduct invoc involv
   isolat iterabl java json kept kernel keyboard kill label lack latest latter layer layout le learn licens life
   listen live logical lot magic man manager manipul manner mask matter meant measur mem mention merg meta metadata
   millisecond min minimal minimum minor minut misc mix mock model modific mov ms na near necessari negoti neither
   newer newly nor notic ns num observ obvious offer ok op opt origin overflow overhead overview pack packet pad
   parallel parser partial party password pathnam paus payload peer peopl perf persistent pid pip pipelin plain
   plus poll pool popul portion power pr practic precis prepar preserv primari primitiv priority proc processor
   profil progress prompt propag protect proxy ptr pull push quest quick rais rare reader recogniz red redirect
   reflect reg registry reject relevant rely remember renam repeat req reserv respect respond responsibl rest
   retain retry reus revers round routin row sav scan scenario schem screen sec secur seen segment self sens
   separator serializ serv sery shift shutdown silent site situat sleep slic slight slow smaller snapshot sock
   solut soon spawn specifical specifier src st startup statistic str strong subclass subject subset succ
   sufficient suggest suit suitabl sum summary super suppos symbolic symlink synchroniz tabularcolumn tak terminal
   th themselv think tls toctr transmiss transmit transport trunc tty udp uid undefin understand unexpect unicod
   union unit unsupport upper ur usabl util val var vary vector visibl wasm weak whatever who whol wikipedia wish
   worker writabl writer wrong xxx yes yield zone`,
];
