import { App } from 'cdktf';
import { declareLab } from './lab';

const app = new App();
declareLab(app);
app.synth();
