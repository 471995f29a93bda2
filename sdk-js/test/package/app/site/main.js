// The whole page: a runtime that follows the server that sent it.

import { connect } from "/jank/index.js";

connect();
