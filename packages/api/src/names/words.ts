// The words of generated names: 64 adjectives and 64 nouns, all of them lower-case letters.

const split = (words: string): readonly string[] => words.trim().split(/\s+/);

export const ADJECTIVES = split(`
  agile amber ample apt artful autumn blithe bold brave breezy bright brisk calm candid cedar clever
  copper coral cosy crisp daring deft eager early earnest fleet frosty gentle glad golden hardy hazel
  honest humble jolly keen kind lively lucid lunar mellow merry mild mossy nimble noble olive patient
  placid plucky polar proud quick quiet rapid ready rustic silver sleek snug steady sunny swift vivid
`);

export const NOUNS = split(`
  acorn anchor aspen badger beacon birch bison bramble brook canyon cinder clover comet condor cove crane
  cricket delta dune ember falcon fern finch fjord flint forge glacier grove harbor heron hollow ibex
  island juniper kestrel lagoon lantern larch ledge lichen lynx maple marten meadow meteor mill orchard osprey
  otter pebble pine plover prairie quartz raven reef ridge robin spruce summit thicket tundra willow wren
`);
