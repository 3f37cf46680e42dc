/** Ten million hostile carriers, none of which makes a reader throw, slow or lie. Needs a build. */
import '../fuzz-carriers.mjs';
