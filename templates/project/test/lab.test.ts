import { synthesize } from 'sandform/testing/jest';
import { declareLab } from '../lab';

const lab = () => synthesize((app) => declareLab(app))['{{stack}}']!;

test('the victim reaches nothing, and does not live for ever', () => {
  expect(lab()).toHaveSandbox('victim', { domain: { nics: [] }, conduct: { ttl: 3_600_000 } });
});

test('the plan stays what it is', () => {
  expect(lab()).toMatchSnapshot();
});
